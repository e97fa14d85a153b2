import { setTimeout as pause } from 'node:timers/promises'
import type { ApiClient } from '../support/api-client.ts'
import { EventReader } from '../support/event-reader.ts'
import { Receiver } from '../support/receiver.ts'
import { waitFor } from '../support/wait-for.ts'
import type { ReaderLog } from './compare-events.ts'
import type { Random } from './random.ts'

const CONNECTS_AGAIN_AFTER_MS = 100
const GLOBAL = 'global'

/** How the receiver of one session's webhook behaves; each is the chance of one request. */
export interface Moods {
  /** It answers 500. */
  fails: number
  /** It answers after up to a second. */
  dawdles: number
  /** It does not answer at all. */
  hangs: number
}

/**
 * Everybody who is told of events: a webhook of each session, whose receiver fails, hangs, dawdles and may be away, one for all
 * sessions, whose receiver does not, and a stream of all sessions that is opened again after every break, at any gateway.
 */
export class EventWatch {
  readonly #api: ApiClient
  readonly #gateways: readonly ApiClient[]
  readonly #random: Random
  readonly #moods: Moods
  readonly #receivers = new Map<string, Receiver>()
  readonly #streams: EventReader[] = []
  #watching: Promise<void> = Promise.resolve()
  #isAway = false
  #isClosed = false

  constructor(parts: { api: ApiClient; gateways: readonly ApiClient[]; random: Random; moods: Moods }) {
    this.#api = parts.api
    this.#gateways = parts.gateways
    this.#random = parts.random
    this.#moods = parts.moods
  }

  /** How often the stream was opened. */
  get streams(): number {
    return this.#streams.length
  }

  async start(sessions: readonly string[]): Promise<void> {
    await this.#setUp(GLOBAL, await Receiver.start())
    for (const session of sessions) {
      const receiver = await Receiver.start()
      receiver.answer = () => this.#answer()
      await this.#setUp(session, receiver)
    }
    await this.#open('')
    this.#watching = this.#watch()
  }

  /** The sessions' receivers answer nothing but 503 from now on, or are back. */
  setAway(isAway: boolean): void {
    this.#isAway = isAway
  }

  /** Resolves when nothing is left to be delivered, and the stream has as much as the webhook for all sessions. */
  async untilDelivered(sessions: readonly string[]): Promise<void> {
    this.#isAway = false
    const isDone = async (name: string) => {
      const session = name === GLOBAL ? {} : { session: name }
      const { body } = await this.#api.request('/webhooks/watch', { method: 'GET', ...session })
      const { pending, retrying } = body.deliveries as { pending: number; retrying: number }
      if (pending + retrying > 0) throw new Error(`${name}: ${pending} pending, ${retrying} retrying`)
    }
    await waitFor(
      'every event to be delivered',
      async () => {
        for (const name of [GLOBAL, ...sessions]) await isDone(name)
        const ids = (log: ReaderLog) => new Set(log.events.map(({ id }) => id)).size
        const [stream, global] = [this.#stream(), this.#webhook(GLOBAL)].map(ids)
        if (stream !== global) throw new Error(`${stream} in the stream, ${global} by webhook`)
        return true
      },
      { timeoutMs: 240_000, everyMs: 300 },
    )
  }

  /** What each of them got, in order; of webhooks, what their receivers took. */
  logs(): ReaderLog[] {
    return [this.#stream(), ...[...this.#receivers.keys()].map((name) => this.#webhook(name))]
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#streams.at(-1)?.close()
    await this.#watching
    await Promise.all([...this.#receivers.values()].map((receiver) => receiver.close()))
  }

  async #setUp(name: string, receiver: Receiver): Promise<void> {
    this.#receivers.set(name, receiver)
    const session = name === GLOBAL ? {} : { session: name }
    const request = { method: 'PUT', ...session, body: { url: receiver.url } }
    const { status, text } = await this.#api.request('/webhooks/watch', request)
    if (status !== 200) throw new Error(`the webhook was refused: ${status} ${text}`)
  }

  async #answer(): Promise<number> {
    if (this.#isAway) return 503
    const { fails, dawdles, hangs } = this.#moods
    const mood = this.#random.next()
    if (mood < fails) return 500
    if (mood < fails + hangs) return 0
    if (mood < fails + hangs + dawdles) await pause(this.#random.between(0, 1_000))
    return 200
  }

  async #open(after: string): Promise<void> {
    const { address, token } = this.#random.pick(this.#gateways)
    this.#streams.push(await EventReader.open(address, token, after === '' ? {} : { after }))
  }

  async #watch(): Promise<void> {
    while (!this.#isClosed) {
      await this.#streams.at(-1)?.ended
      if (this.#isClosed) return
      const last = this.#streams.findLast(({ lastId }) => lastId !== '')?.lastId ?? ''
      await this.#open(last).catch(() => {})
      await pause(CONNECTS_AGAIN_AFTER_MS)
    }
  }

  #stream(): ReaderLog {
    const events = this.#streams.flatMap((stream) => stream.events.map(({ event }) => event))
    return { name: 'stream', session: null, events }
  }

  #webhook(name: string): ReaderLog {
    const taken = this.#receivers.get(name)?.taken ?? []
    return {
      name: `webhook of ${name}`,
      session: name === GLOBAL ? null : name,
      events: taken.map(({ event }) => event),
    }
  }
}
