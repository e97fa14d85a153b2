import { capOfDay, nextDay, type Pacing, unpaced } from '@wsg/shared/messages/pacing.ts'

/** From how many chats on those that were written to long ago are forgotten. */
const CHATS_KEPT = 1_000
/** A person who types fast: about twelve characters a second would be a record, this is eight. */
const MS_PER_CHARACTER = 125

export interface PacingFacts {
  /** Redis' time, epoch ms. */
  nowMs: number
  /** Acked on this calendar day. */
  sentToday: number
  pairedAt: number | null
}

/**
 * When the next message of a session may go, by its pacing. Everything here is arithmetic on two clocks: the monotonic
 * one for gaps, and Redis' for days.
 */
export class Pacer {
  readonly #random: () => number
  #pacing: Pacing = unpaced
  #nextAt = Number.NEGATIVE_INFINITY
  #before = Number.NEGATIVE_INFINITY
  readonly #lastTo = new Map<string, number>()
  #cap: number | null = null
  #sentToday = 0
  #nowMs = 0

  /** @param random from 0 to 1 */
  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  get pacing(): Pacing {
    return this.#pacing
  }

  /** Of this day, null for none. */
  get cap(): number | null {
    return this.#cap
  }

  /** When messages go out again (epoch ms) where the day's cap is reached; null where it is not. */
  get heldUntil(): number | null {
    return this.#cap !== null && this.#sentToday >= this.#cap ? nextDay(this.#nowMs) : null
  }

  set(pacing: Pacing, { nowMs, sentToday, pairedAt }: PacingFacts): void {
    this.#pacing = pacing
    this.#cap = capOfDay(pacing, pairedAt, nowMs)
    this.#sentToday = sentToday
    this.#nowMs = nowMs
    // A wait that was begun under a slower pacing is not worth keeping.
    this.#nextAt = Math.min(this.#nextAt, performance.now() + this.#gapMs() + pacing.jitterMs)
  }

  /** Another message was acked. @param sentToday with it */
  acked(sentToday: number): void {
    this.#sentToday = sentToday
  }

  /** @param open messages that may still be acked: the cap is never passed, whatever becomes of them */
  delayMs(open: number): number {
    if (this.#cap !== null && this.#sentToday + open >= this.#cap) return Number.POSITIVE_INFINITY
    return Math.max(0, this.#nextAt - performance.now())
  }

  /** How long the next message to a chat waits for the one before it, in ms. */
  chatDelayMs(chatId: string): number {
    const last = this.#lastTo.get(chatId)
    return last === undefined ? 0 : Math.max(0, last + this.#pacing.chatGapMs - performance.now())
  }

  given(): void {
    this.#before = this.#nextAt
    const gapMs = this.#gapMs() + this.#random() * this.#pacing.jitterMs
    if (gapMs > 0) this.#nextAt = performance.now() + gapMs
  }

  unused(): void {
    this.#nextAt = this.#before
  }

  /** A message to a chat has its outcome. May be said twice. */
  wentTo(chatId: string): void {
    const { chatGapMs } = this.#pacing
    if (chatGapMs === 0) return
    const now = performance.now()
    this.#lastTo.delete(chatId)
    this.#lastTo.set(chatId, now)
    if (this.#lastTo.size <= CHATS_KEPT) return
    // The longest ago come first.
    for (const [chat, at] of this.#lastTo) {
      if (at + chatGapMs > now) return
      this.#lastTo.delete(chat)
    }
  }

  /** How long a text of so many characters is typed, in ms. */
  typingMs(characters: number): number {
    return Math.min(this.#pacing.typingMs, characters * MS_PER_CHARACTER)
  }

  #gapMs(): number {
    const { perMinute } = this.#pacing
    return perMinute === 0 ? 0 : 60_000 / perMinute
  }
}
