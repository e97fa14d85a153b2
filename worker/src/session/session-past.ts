import { restrictsEverything } from '@wsg/shared/sessions/restriction.ts'
import type { SessionFields } from '@wsg/shared/sessions/session-view.ts'
import { type FailuresInARow, failuresOf, type HeavyMessage } from './ending.ts'

/** What an owner knows of its session from the time before it, and corrects as it goes. */
export class SessionPast {
  /** Whether the profile holds a login: what was believed, then what the page showed. */
  savedLogin: boolean
  inARow: FailuresInARow
  readonly heavy: HeavyMessage | null
  /** The browser before was replaced for its size, and since then none was steady. */
  recycled: boolean
  /** The place in the desired set under which it is run, epoch ms by Redis' clock. */
  wishedAt: number
  /** Under this owner a message was acked by WhatsApp's server. */
  hasSent = false
  /** What WhatsApp kept the account from when it was tried last; null where that is not all. */
  #restriction: string | null
  #account: string | undefined
  /** The login in the profile was made under this owner. */
  #isNewLogin = false
  #pairedAt: number
  /** What Redis' clock is ahead of this machine's. */
  readonly #aheadMs: number

  /** @param nowMs Redis' time, just now */
  constructor(fields: SessionFields, nowMs: number = Date.now(), wishedAt = 0) {
    this.#aheadMs = nowMs - Date.now()
    this.wishedAt = wishedAt
    this.savedLogin = fields.savedLogin === '1'
    this.inARow = failuresOf(fields)
    const { heavyMessage: messageId, heavyFaults = 0 } = fields
    this.heavy = messageId ? { messageId, faults: Number(heavyFaults) } : null
    this.recycled = fields.recycled === '1'
    this.#restriction = restrictsEverything(fields.restriction) ? fields.restriction : null
    this.#account = fields.account
    // One that was paired before this was written down is no newer than its session.
    this.#pairedAt = Number(fields.pairedAt ?? fields.createdAt ?? nowMs)
  }

  /** Digits of the account that was there last. */
  get account(): string | undefined {
    return this.#account
  }

  /** A time of this machine's clock (epoch ms) as Redis' clock tells it: what others compare is of that one. */
  redisTime(ms: number): number {
    return ms + this.#aheadMs
  }

  /** WhatsApp has let the profile in: there is a login in it, also before it is ready. */
  authenticated(): void {
    this.#isNewLogin ||= !this.savedLogin
    this.savedLogin = true
  }

  /** When this account was first paired with the session, epoch ms: now, unless it is the one that was there before. */
  pairedAt(account: string): number {
    // A login that was found in the profile was paired earlier, also where Redis never knew or has lost whose it is.
    const isNew = this.#account === undefined ? this.#isNewLogin : account !== this.#account
    if (isNew) this.#pairedAt = this.redisTime(Date.now())
    this.#account = account
    return this.#pairedAt
  }

  /** It was let in. @returns the restriction that is over with that, null where there was none */
  becameUnrestricted(): string | null {
    const restriction = this.#restriction
    this.#restriction = null
    return restriction
  }

  /** `ready` has lasted. @returns the fields to remove */
  becameSteady(): SessionFields {
    this.inARow = failuresOf({})
    this.recycled = false
    return { failures: '', memoryFaults: '', recycled: '' }
  }
}
