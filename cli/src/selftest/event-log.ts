import type { GatewayClient } from '../gateway-client.ts'
import { type EventEnvelope, readEvents } from '../read-events.ts'

/** The events of one session, from the moment in which it was opened. */
export class EventLog {
  static async open(gateway: GatewayClient, session: string): Promise<EventLog> {
    const close = new AbortController()
    const response = await gateway.open('GET', '/events', { session, signal: close.signal })
    const log = new EventLog(close)
    void log.#read(response)
    return log
  }

  static empty(): EventLog {
    return new EventLog(new AbortController())
  }

  readonly events: EventEnvelope[] = []
  readonly #close: AbortController

  private constructor(close: AbortController) {
    this.#close = close
  }

  /** Messages with this text. */
  messages(text: string): Record<string, unknown>[] {
    return this.events
      .filter(({ event, data }) => event === 'message' && data.text === text)
      .map(({ data }) => data)
  }

  /** When a message with this text that another device of the account sent was heard, epoch ms; null where it was not. */
  ownHeardAt(text: string): number | null {
    const found = this.events.find(
      ({ event, data }) => event === 'message.any' && data.fromMe === true && data.text === text,
    )
    return found === undefined ? null : Date.parse(found.timestamp)
  }

  close(): void {
    this.#close.abort()
  }

  async #read(response: Response): Promise<void> {
    try {
      for await (const { event } of readEvents(response)) this.events.push(event)
    } catch {
      // Closed, or the gateway went away: a step that waits for an event says that it did not come.
    }
  }
}
