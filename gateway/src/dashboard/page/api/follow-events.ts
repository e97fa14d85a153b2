import { createParser } from 'eventsource-parser'
import { type Api, ApiProblem } from './api.ts'

/** An event of `GET /events`. */
export interface FeedEvent {
  id: string
  sequence: number
  timestamp: string
  event: string
  sessionId: string
  data: Record<string, unknown>
  catchUp?: true
}

export type FeedState = 'connecting' | 'live' | 'refused'

export interface Following {
  /** A session; all of them where absent. */
  session: string | undefined
  types: readonly string[]
  signal: AbortSignal
  onEvent: (event: FeedEvent) => void
  onState: (state: FeedState, problem: ApiProblem | null) => void
}

const RETRY_MS = 1_000
const MAX_RETRY_MS = 15_000

/**
 * Reads events until `signal` aborts, by `fetch`, since EventSource sends no token but in the address. A stream that ends is
 * opened again behind the last event that came. Resolves early where the gateway refuses the request.
 */
export async function followEvents(api: Api, following: Following): Promise<void> {
  const { session, types, signal, onEvent, onState } = following
  let lastId: string | undefined
  let failures = 0
  while (!signal.aborted) {
    onState('connecting', null)
    try {
      const response = await api.open('/events', {
        session,
        query: { types: types.join(',') },
        headers: { accept: 'text/event-stream', ...(lastId !== undefined && { 'last-event-id': lastId }) },
        signal,
      })
      failures = 0
      onState('live', null)
      const parser = createParser({
        onEvent: ({ id, event, data }) => {
          if (event === 'end') return
          lastId = id ?? lastId
          onEvent(JSON.parse(data) as FeedEvent)
        },
      })
      const reader = (response.body as ReadableStream<Uint8Array>).getReader()
      const decoder = new TextDecoder()
      for (let next = await reader.read(); !next.done; next = await reader.read())
        parser.feed(decoder.decode(next.value, { stream: true }))
    } catch (error) {
      if (signal.aborted) return
      const isFinal = error instanceof ApiProblem && error.status >= 400 && error.status < 500
      if (isFinal) return onState('refused', error)
    }
    failures += 1
    await rest(Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** (failures - 1)), signal)
  }
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
