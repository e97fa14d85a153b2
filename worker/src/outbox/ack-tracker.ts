import {
  type AckedState,
  isAcked,
  type MessageState,
  messageTransitions,
} from '@wsg/shared/messages/message-lifecycle.ts'
import { meaningOfRefusal } from '@wsg/shared/messages/whatsapp-refusals.ts'
import { MOVED_AT_ONCE, type SettledMove } from '@wsg/shared/redis/message/move-message.ts'
import type { SendFailure } from '../whatsapp/whatsapp-client.ts'
import type { MessageLog } from './message-log.ts'

/** After this long without news the page is asked. */
const OVERDUE_AFTER_MS = 10_000

/** What WhatsApp tells of a message: an ack, or how it ended without one. */
export type ToldState = AckedState | 'failed' | 'unknown'
/** Why it is `failed` or `unknown`. */
export type Why = Partial<Record<'reason' | 'detail' | 'refusal', string>>

/** A message whose outcome somebody waits for. */
export interface AwaitedOutcome {
  /** Resolves at the first news, or when no more will come. */
  readonly first: Promise<void>
  /** The furthest state that WhatsApp told of so far; null before the first news. */
  readonly state: MessageState | null
  /**
   * Writes the state that the news amount to, and later ones that arrive meanwhile. From then on they are written as they
   * come. @returns false where there were none
   */
  settle(known: { messageId?: string; lid?: string }): Promise<boolean>
  /** Nobody waits for it any more: its acks are written as they come. */
  release(): void
}

interface Entry {
  state: ToldState | null
  why: Why
  mayHaveLeft: boolean
  arrived: () => void
  since: number
  /** How long it has to wait for the page to be asked about it. */
  overdueAfterMs: number
}

export interface AckTrackerOptions {
  messages: Pick<MessageLog, 'move' | 'moveMany'>
  /** News could not be written. */
  onFailed(error: unknown): void
}

/**
 * Takes what WhatsApp tells of a session's messages. News of a message that is being delivered are kept for its delivery,
 * because an ack may come before the call that caused it returns. All others are written to the records; those that
 * arrive while Redis writes are written together with the next command.
 */
export class AckTracker {
  readonly #options: AckTrackerOptions
  readonly #awaited = new Map<string, Entry>()
  /** What arrived before `open`; null after it. */
  #early: [messageId: string, state: ToldState, why: Why][] | null = []
  #gathered: SettledMove[] = []
  #writing: Promise<void> | null = null
  /** When WhatsApp's server last took or refused an awaited message, on the monotonic clock. */
  lastFirstAt = Number.NEGATIVE_INFINITY

  constructor(options: AckTrackerOptions) {
    this.#options = options
  }

  /**
   * Has the news of a message kept for whoever delivers it.
   * @param mayHaveLeft it may have been sent before, so that a failure now does not prove that it was not
   */
  expect(messageId: string, mayHaveLeft = false): AwaitedOutcome {
    const { promise, resolve } = Promise.withResolvers<void>()
    const entry: Entry = {
      state: null,
      why: {},
      mayHaveLeft,
      arrived: resolve,
      since: performance.now(),
      overdueAfterMs: OVERDUE_AFTER_MS,
    }
    this.#awaited.set(messageId, entry)
    return {
      first: promise,
      get state() {
        return entry.state
      },
      settle: (known) => this.#settle(messageId, entry, known),
      release: () => this.#release(messageId, entry),
    }
  }

  /** Everybody who waits for an ack is known: what arrived until now is taken, and everything after it. */
  open(): void {
    const early = this.#early ?? []
    this.#early = null
    for (const told of early) this.arrived(...told)
  }

  arrived(messageId: string, state: ToldState, why: Why = {}): void {
    if (this.#early !== null) {
      this.#early.push([messageId, state, why])
      return
    }
    const entry = this.#awaited.get(messageId)
    if (entry === undefined) {
      this.#write(messageId, state, why)
      return
    }
    if (entry.state === null && state !== 'unknown') this.lastFirstAt = performance.now()
    if (entry.state === null || messageTransitions[entry.state].includes(state)) {
      const isOpen = state === 'failed' && entry.mayHaveLeft
      entry.state = isOpen ? 'unknown' : state
      entry.why = isOpen ? { ...why, reason: 'outcome_unknown' } : why
    }
    entry.arrived()
  }

  /** A message ended without an ack. */
  failed(messageId: string, failure: SendFailure): void {
    const { kind } = failure
    if (kind === 'uncertain') {
      const detail = `WhatsApp Web gave it up, and does not say whether it had left (${failure.said}).`
      this.arrived(messageId, 'unknown', { reason: 'outcome_unknown', detail })
      return
    }
    const code = kind === 'refused' ? failure.code : null
    const detail = kind === 'refused' ? meaningOfRefusal(code) : 'It failed in WhatsApp Web before it left.'
    const refusal = code === null ? {} : { refusal: String(code) }
    this.arrived(messageId, 'failed', { reason: 'send_failed', detail, ...refusal })
  }

  /** No news will come any more: whoever waits for the first goes on without. */
  giveUp(): void {
    for (const entry of this.#awaited.values()) entry.arrived()
  }

  /** Since when the messages without news have been waited for, on the monotonic clock. */
  unacked(): number[] {
    return [...this.#awaited.values()].flatMap(({ state, since }) => (state === null ? [since] : []))
  }

  /** The messages that have waited too long for news: each after ten seconds, and whenever that has doubled. */
  overdue(now = performance.now()): { messageId: string; waitedMs: number }[] {
    return [...this.#awaited].flatMap(([messageId, entry]) => {
      const waitedMs = now - entry.since
      if (entry.state !== null || waitedMs < entry.overdueAfterMs) return []
      entry.overdueAfterMs *= 2
      return [{ messageId, waitedMs }]
    })
  }

  /** Resolves when everything is written that arrived, or cannot be. */
  async written(): Promise<void> {
    await this.#writing
  }

  async #settle(
    messageId: string,
    entry: Entry,
    known: { messageId?: string; lid?: string },
  ): Promise<boolean> {
    let written: ToldState | null = null
    try {
      while (entry.state !== null && written !== entry.state) {
        // `sent` first, even when a later ack is here already: its time belongs in the record.
        written = written === null && isAcked(entry.state) ? 'sent' : entry.state
        await this.#options.messages.move(messageId, written, { ...known, ...entry.why })
      }
    } finally {
      this.#release(messageId, entry)
    }
    return written !== null
  }

  #release(messageId: string, entry: Entry): void {
    if (this.#awaited.get(messageId) === entry) this.#awaited.delete(messageId)
  }

  #write(messageId: string, state: ToldState, why: Why): void {
    if (!isAcked(state)) {
      this.#options.messages.move(messageId, state, why).catch(this.#options.onFailed)
      return
    }
    this.#gathered.push({ messageId, to: state })
    this.#writing ??= this.#writeGathered()
  }

  async #writeGathered(): Promise<void> {
    try {
      while (this.#gathered.length > 0) {
        // The page reports several acks in one turn.
        await Promise.resolve()
        await this.#options.messages.moveMany(this.#gathered.splice(0, MOVED_AT_ONCE))
      }
    } catch (error) {
      this.#options.onFailed(error)
    } finally {
      this.#writing = null
    }
  }
}
