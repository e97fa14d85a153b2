import { type MessageState, messageTransitions } from '@wsg/shared/messages/message-lifecycle.ts'
import { MOVED_AT_ONCE, type SettledMove } from '@wsg/shared/redis/message/move-message.ts'
import type { MessageLog } from './message-log.ts'

/** After this long without an ack the page is asked. */
const OVERDUE_AFTER_MS = 10_000

/** A message whose first ack somebody waits for. */
export interface AwaitedAck {
  /** Resolves at the first ack, or when no more will come. */
  readonly first: Promise<void>
  /** The furthest state that WhatsApp reported so far; null before the first ack. */
  readonly state: MessageState | null
  /**
   * Writes the state that its acks amount to, and later ones that arrive meanwhile. From then on they are written as they
   * come. @returns false where there was none
   */
  settle(known: { messageId?: string; lid?: string }): Promise<boolean>
  /** Nobody waits for it any more: its acks are written as they come. */
  release(): void
}

interface Entry {
  state: MessageState | null
  arrived: () => void
  since: number
  /** How long it has to wait for the page to be asked about it. */
  overdueAfterMs: number
}

export interface AckTrackerParts {
  messages: Pick<MessageLog, 'move' | 'moveMany'>
  /** An ack could not be written. */
  onFailed(error: unknown): void
}

/**
 * Takes the acks of a session's messages. Those of a message that is being delivered are kept for its delivery, because
 * an ack may come before the call that caused it returns. All others are written to the records; those that arrive
 * while Redis writes are written together with the next command.
 */
export class AckTracker {
  readonly #parts: AckTrackerParts
  readonly #awaited = new Map<string, Entry>()
  /** Acks that arrived before `open`; null after it. */
  #early: [messageId: string, state: MessageState][] | null = []
  #gathered: SettledMove[] = []
  #writing: Promise<void> | null = null
  /** When an awaited message last got its first ack, on the monotonic clock. */
  lastFirstAt = Number.NEGATIVE_INFINITY

  constructor(parts: AckTrackerParts) {
    this.#parts = parts
  }

  /** Has the acks of a message kept for whoever delivers it. */
  expect(messageId: string): AwaitedAck {
    const { promise, resolve } = Promise.withResolvers<void>()
    const entry: Entry = {
      state: null,
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
    for (const [messageId, state] of early) this.arrived(messageId, state)
  }

  arrived(messageId: string, state: MessageState): void {
    if (this.#early !== null) {
      this.#early.push([messageId, state])
      return
    }
    const entry = this.#awaited.get(messageId)
    if (entry === undefined) {
      this.#write(messageId, state)
      return
    }
    if (entry.state === null) this.lastFirstAt = performance.now()
    if (entry.state === null || messageTransitions[entry.state].includes(state)) entry.state = state
    entry.arrived()
  }

  /** No ack will come any more: whoever waits for a first one goes on without. */
  giveUp(): void {
    for (const entry of this.#awaited.values()) entry.arrived()
  }

  /** Since when the messages without a first ack have been waited for, on the monotonic clock. */
  unacked(): number[] {
    return [...this.#awaited.values()].flatMap(({ state, since }) => (state === null ? [since] : []))
  }

  /** The messages that have waited too long for their first ack: each after ten seconds, and whenever that has doubled. */
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
    let written: MessageState | null = null
    try {
      while (written !== entry.state && entry.state !== null) {
        // `sent` first, even when a later ack is here already: its time belongs in the record.
        written = written === null && entry.state !== 'failed' ? 'sent' : entry.state
        const fields = written === 'failed' ? { ...known, reason: 'send_failed' } : known
        await this.#parts.messages.move(messageId, written, fields)
      }
    } finally {
      this.#release(messageId, entry)
    }
    return written !== null
  }

  #release(messageId: string, entry: Entry): void {
    if (this.#awaited.get(messageId) === entry) this.#awaited.delete(messageId)
  }

  #write(messageId: string, state: MessageState): void {
    if (state === 'queued' || state === 'sending') return
    if (state === 'failed') {
      this.#parts.messages.move(messageId, state, { reason: 'send_failed' }).catch(this.#parts.onFailed)
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
        await this.#parts.messages.moveMany(this.#gathered.splice(0, MOVED_AT_ONCE))
      }
    } catch (error) {
      this.#parts.onFailed(error)
    } finally {
      this.#writing = null
    }
  }
}
