import { EventSourceParserStream } from 'eventsource-parser/stream'
import { type GatewayOptions, headersOf } from './gateway-options.ts'
import type { Event, Problem } from './schema.ts'

const RECONNECT_AFTER_MS = 1_000

export interface EventsOptions extends GatewayOptions {
  /** All where absent. */
  types?: readonly Event['event'][]
  /** Phone numbers or chat ids; all where absent. */
  chats?: readonly string[]
  /** The position of the last event that was dealt with: what came after it is given first. From now on where absent. */
  after?: string
  signal?: AbortSignal
}

export interface StreamedEvent {
  /** Its place in the stream: keep it where you keep what you did, for `after`. */
  position: string
  event: Event
}

/** The gateway refuses the request, for the reason in `problem`. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.error)
    this.problem = problem
  }
}

/**
 * Events as they happen, in order; after a break it connects again and goes on where it was. Ends when `signal` is aborted.
 * @throws GatewayError where the gateway refuses it
 */
export async function* readEvents(options: EventsOptions): AsyncGenerator<StreamedEvent, void> {
  const { address, types, chats, signal } = options
  const query = new URLSearchParams()
  if (types !== undefined) query.set('types', types.join(','))
  if (chats !== undefined) query.set('chats', chats.join(','))
  let after = options.after
  const isOver = () => signal?.aborted === true
  while (!isOver()) {
    try {
      const headers = { ...headersOf(options), ...(after !== undefined && { 'last-event-id': after }) }
      const response = await fetch(`${address}/events?${query}`, { headers, signal: signal ?? null })
      if (response.status >= 400 && response.status < 500)
        throw new GatewayError((await response.json()) as Problem)
      if (response.ok && response.body !== null) {
        const pieces = response.body.pipeThrough(new TextDecoderStream())
        for await (const { id, data } of pieces.pipeThrough(new EventSourceParserStream())) {
          if (id === undefined) continue
          yield { position: id, event: JSON.parse(data) as Event }
          after = id
        }
      }
    } catch (error) {
      if (isOver()) return
      if (error instanceof GatewayError) throw error
    }
    await pause(signal)
  }
}

function pause(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, RECONNECT_AFTER_MS)
    signal?.addEventListener('abort', () => resolve(), { once: true })
  })
}
