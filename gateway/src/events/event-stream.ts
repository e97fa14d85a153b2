import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { envelopeText, type LoggedEvent, type PublicUrl } from '@wsg/shared/events/envelope.ts'
import { type EventFilter, nameFor } from '@wsg/shared/events/events.ts'
import type { Logger } from '@wsg/shared/logger.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { markRead, newestPosition, readAllEvents, readEvents } from '@wsg/shared/redis/event/read-events.ts'
import { ALL_SESSIONS } from '@wsg/shared/redis/event/webhooks.ts'
import type { EventNews } from './event-news.ts'

const READ_AT_ONCE = 200
/** Pub/sub keeps nothing, so a word can be lost: each reader also looks by itself. */
const LOOK_EVERY_MS = 2_000
/** Below the silence after which proxies cut a connection. */
const HEARTBEAT_MS = 15_000
const MARKED_EVERY_MS = 3_600_000
/** How long a reader may leave what it was given, some hundred events at most, before it is cut off. */
const SLOW_AFTER_MS = 30_000
/** How long one that was cut off has to take the rest, and the reason, before its connection is ended. */
const REASON_WITHIN_MS = 30_000

export interface EventRequest {
  /** A session, or all of them (`*`). */
  scope: string
  events: EventFilter
  /** Only what concerns these chats, where there are any; events that concern no chat come all the same. */
  chats: readonly string[]
  /** The position behind which it goes on. */
  after: string
}

export interface EventStreamsParts {
  redis: RedisClient
  news: EventNews
  /** How long a reader that went away may come back and miss nothing. */
  retentionMs: number
  publicUrl: PublicUrl
  /** For tests: 30 s where it is absent. */
  slowAfterMs?: number
  log: Logger
}

/** Why a stream ends; the reader is told. */
type EndReason = 'closing' | 'slow_reader'

/** All who read events as a stream at this gateway. */
export class EventStreams {
  readonly #parts: EventStreamsParts
  readonly #open = new Set<EventStream>()
  #isClosed = false

  constructor(parts: EventStreamsParts) {
    this.#parts = parts
  }

  /**
   * To be asked before a reader gets the response's head: from then on it misses nothing.
   * @returns the position of the newest event
   */
  async newest(scope: string): Promise<string> {
    const { redis, retentionMs } = this.#parts
    await markRead(redis, scope, retentionMs)
    return await newestPosition(redis)
  }

  /** Resolves when the reader has gone, or was sent away. The response's head has been written. */
  async serve(response: ServerResponse, request: EventRequest): Promise<void> {
    const stream = new EventStream(response, request, this.#parts)
    if (this.#isClosed) return stream.end('closing')
    this.#open.add(stream)
    const stopListening = this.#parts.news.listen({
      onEvent: (sessionId) => {
        if (sessionId === null || request.scope === ALL_SESSIONS || request.scope === sessionId) stream.look()
      },
    })
    try {
      await stream.run()
    } finally {
      stopListening()
      this.#open.delete(stream)
    }
  }

  /** Ends them all, so that they connect to another gateway and go on there. */
  close(): void {
    this.#isClosed = true
    for (const stream of this.#open) stream.end('closing')
  }
}

/**
 * One reader. It is given what stands in the log from where it is, as fast as it takes it, and no faster: no more than one read
 * is held for it here.
 */
class EventStream {
  readonly #response: ServerResponse
  readonly #request: EventRequest
  readonly #parts: EventStreamsParts
  readonly #gone = new AbortController()
  #woken = Promise.withResolvers<void>()
  #wroteAt = performance.now()

  constructor(response: ServerResponse, request: EventRequest, parts: EventStreamsParts) {
    this.#response = response
    this.#request = request
    this.#parts = parts
    response.once('close', () => this.#gone.abort())
  }

  look(): void {
    this.#woken.resolve()
  }

  end(reason: EndReason): void {
    if (this.#gone.signal.aborted) return
    this.#gone.abort()
    const response = this.#response.end(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`)
    // One that takes nothing would keep its connection for ever.
    if (reason === 'slow_reader') setTimeout(() => response.destroy(), REASON_WITHIN_MS).unref()
  }

  async run(): Promise<void> {
    const { redis, log, retentionMs } = this.#parts
    const { scope } = this.#request
    const { signal } = this.#gone
    let { after } = this.#request
    let markedAt = performance.now()
    await this.#write('retry: 1000\n: here are the events\n\n')
    while (!signal.aborted) {
      this.#woken = Promise.withResolvers()
      let isMore = false
      try {
        if (performance.now() - markedAt > MARKED_EVERY_MS) {
          await markRead(redis, scope, retentionMs)
          markedAt = performance.now()
        }
        const { events, last } = await this.#read(after)
        isMore = events.length === READ_AT_ONCE || (last !== after && scope === ALL_SESSIONS)
        await this.#write(events.map((event) => this.#chunk(event)).join(''))
        after = last
      } catch (err) {
        if (signal.aborted) break
        log.debug({ err }, 'events could not be read; tried again')
      }
      if (!isMore) await this.#rest()
    }
  }

  async #read(after: string): Promise<{ events: LoggedEvent[]; last: string }> {
    const { redis } = this.#parts
    const { scope } = this.#request
    if (scope === ALL_SESSIONS) return await readAllEvents(redis, { after, limit: READ_AT_ONCE })
    const events = await readEvents(redis, scope, { after, limit: READ_AT_ONCE })
    return { events, last: events.at(-1)?.position ?? after }
  }

  #chunk(event: LoggedEvent): string {
    const { events, chats } = this.#request
    const name = nameFor(event.event, events)
    const isOfChats =
      chats.length === 0 || event.chats.length === 0 || event.chats.some((chat) => chats.includes(chat))
    if (name === null || !isOfChats) return ''
    return `id: ${event.position}\nevent: ${name}\ndata: ${envelopeText(event, name, this.#parts.publicUrl)}\n\n`
  }

  /** Waits until the reader takes more. */
  async #write(text: string): Promise<void> {
    if (text === '' || this.#gone.signal.aborted) return
    this.#wroteAt = performance.now()
    if (this.#response.write(text)) return
    const { scope } = this.#request
    const { slowAfterMs = SLOW_AFTER_MS, log } = this.#parts
    const late = AbortSignal.timeout(slowAfterMs)
    const signal = AbortSignal.any([this.#gone.signal, late])
    await once(this.#response, 'drain', { signal }).catch(() => {})
    if (!late.aborted || this.#gone.signal.aborted) return
    log.warn({ scope }, 'a reader of events took too little and was cut off')
    this.end('slow_reader')
  }

  async #rest(): Promise<void> {
    const { signal } = this.#gone
    const looks = pause(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => {})
    await Promise.race([this.#woken.promise, looks])
    if (performance.now() - this.#wroteAt > HEARTBEAT_MS) await this.#write(': still here\n\n')
  }
}
