import { setTimeout as pause } from 'node:timers/promises'
import { type Call, type Command, text } from '../command.ts'
import { Unreachable } from '../gateway-client.ts'
import { withoutControls } from '../output.ts'
import { type EventEnvelope, readEvents } from '../read-events.ts'

const CONNECT_AGAIN_MS = 1_000
const LONGEST_TEXT = 200

export const eventsCommand: Command = {
  name: 'events',
  summary: 'Shows events as they happen, of a session or of all, until Ctrl-C',
  session: 'maybe',
  fields: {
    types: { type: 'text', describe: 'Names of events, separated by commas' },
    chats: { type: 'text', describe: 'Phone numbers or chat ids, separated by commas' },
    after: { type: 'text', describe: 'Goes on behind this position, which is the id of the stream' },
    count: { type: 'number', describe: 'Ends after so many' },
  },
  examples: ['wsg events --session shop --types message', 'wsg events --json | jq .data.text'],
  run: async (call) => {
    const most = (call.values.count as number | undefined) ?? Number.POSITIVE_INFINITY
    let shown = 0
    let after = text(call.values, 'after')
    while (shown < most) {
      try {
        for await (const { position, event } of readEvents(await open(call, after))) {
          after = position
          if (call.output.isJson) call.output.result(event)
          else call.output.text(lineOf(event))
          if (++shown >= most) return
        }
      } catch (error) {
        // Before the first event a gateway that is not there is a mistake; later it is restarted, and nothing is missed.
        if (after === undefined || !(error instanceof Unreachable || error instanceof TypeError)) throw error
      }
      call.output.note(
        `The connection ended and is made again${after === undefined ? '' : '; no event is missed'}.`,
      )
      await pause(CONNECT_AGAIN_MS)
    }
  },
}

async function open({ gateway, session, values }: Call, after: string | undefined): Promise<Response> {
  return await gateway.open('GET', '/events', {
    session,
    query: { types: text(values, 'types'), chats: text(values, 'chats') },
    headers: { 'last-event-id': after },
  })
}

/** `08:30:00 shop message 5511999887766@c.us Oi` */
function lineOf({ timestamp, sessionId, event, data }: EventEnvelope): string {
  const facts = data as Record<string, unknown>
  const told = [facts.chatId, facts.status, facts.text].filter((fact) => typeof fact === 'string')
  const time = new Date(timestamp).toTimeString().slice(0, 8)
  return withoutControls([time, sessionId, event, ...told].join(' ')).slice(0, LONGEST_TEXT)
}
