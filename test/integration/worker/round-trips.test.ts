import { pauseQueue } from '@wsg/shared/redis/session/queue-settings.ts'
import { expect } from 'vitest'
import type { FakeWhatsAppClient } from '../../support/fake-whatsapp-client.ts'
import { waitFor } from '../../support/wait-for.ts'
import { workerTest as it } from './worker-test.ts'

const SESSION = 'sales'
const COUNT = 600

it('takes two commands to Redis for a message that is not alone, the intent and the ack, and few looks at the queue', async ({
  rig,
}) => {
  // As acks come from a server: later than the call returns.
  const script = (client: FakeWhatsAppClient) => {
    client.onSend = ({ messageId }) =>
      void setTimeout(() => client.whatsapp.ack(messageId, 'sent', client), 5)
  }
  await rig.startWorker({ script, settings: { leaseTtlMs: 60_000 } })
  const whatsapp = await rig.wantPaired(SESSION, { paused: '1' })
  await rig.untilView(SESSION, 'ready')
  for (let n = 0; n < COUNT; n++) await rig.send(SESSION, `5521${100_000_000 + n}`, String(n))
  const seen = await rig.server.watch()
  await pauseQueue(rig.redis, SESSION, false)
  await waitFor('all to be sent', () => whatsapp.bodies().length === COUNT)
  seen.end()
  // What a script does inside of Redis is listed too, as done by `lua`.
  const asked = seen.lines.filter((line) => !line.includes(' lua] ') && line.includes('"eval'))
  expect(asked.length / COUNT).toBeLessThan(2.15)
})
