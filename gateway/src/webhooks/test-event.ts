import { randomBytes } from 'node:crypto'
import type { LoggedEvent } from '@wsg/shared/events/envelope.ts'
import { TEST_EVENT } from '@wsg/shared/events/events.ts'

/** An event that nothing brought about, for whoever wants to see a request of ours. It is in no log. */
export function testEvent(scope: string, nowMs: number): LoggedEvent<typeof TEST_EVENT> {
  return {
    id: `evt_${randomBytes(12).toString('hex')}`,
    sessionId: scope,
    sequence: 0,
    event: TEST_EVENT,
    position: `${nowMs}-0`,
    chats: [],
    account: '{}',
    data: JSON.stringify({ text: 'This is a test.' }),
    catchUp: false,
  }
}
