import { type MessageState, messageTransitions } from '@wsg/shared/messages/message-lifecycle.ts'

/** A message whose first ack somebody waits for. */
export interface AwaitedAck {
  /** Resolves at the first ack, or when no more will come. */
  readonly first: Promise<void>
  /** The furthest state that WhatsApp reported so far; null before the first ack. */
  readonly state: MessageState | null
  /** From here on its acks are written as they come. */
  release(): void
}

interface Entry {
  state: MessageState | null
  arrived: () => void
  since: number
}

/**
 * Where acks arrive. Those of messages that are being handed over are kept for whoever does it, because an ack may
 * come before the call that caused it returns; all others are written straight away, as soon as `open` said that
 * everybody who waits for one is known.
 */
export class AckTracker {
  readonly #awaited = new Map<string, Entry>()
  readonly #write: (messageId: string, state: MessageState) => void
  /** When a message that somebody waits for last got its first ack, on the monotonic clock. */
  lastFirstAt = Number.NEGATIVE_INFINITY
  #early: [messageId: string, state: MessageState][] | null = []

  constructor(write: (messageId: string, state: MessageState) => void) {
    this.#write = write
  }

  expect(messageId: string): AwaitedAck {
    const { promise, resolve } = Promise.withResolvers<void>()
    const entry: Entry = { state: null, arrived: resolve, since: performance.now() }
    this.#awaited.set(messageId, entry)
    return {
      first: promise,
      get state() {
        return entry.state
      },
      release: () => {
        if (this.#awaited.get(messageId) === entry) this.#awaited.delete(messageId)
      },
    }
  }

  /** Takes what arrived so far, and everything after it. */
  open(): void {
    const early = this.#early ?? []
    this.#early = null
    for (const [messageId, state] of early) this.arrived(messageId, state)
  }

  /** No ack will come any more: whoever waits for a first one goes on without. */
  giveUp(): void {
    for (const entry of this.#awaited.values()) entry.arrived()
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

  /** Since when the messages without a first ack have been waited for, on the monotonic clock. */
  unacked(): number[] {
    return [...this.#awaited.values()].flatMap(({ state, since }) => (state === null ? [since] : []))
  }

  /** The messages whose first ack has been awaited for longer than `ms`. */
  overdue(ms: number): string[] {
    const before = performance.now() - ms
    return [...this.#awaited].flatMap(([id, { state, since }]) =>
      state === null && since < before ? [id] : [],
    )
  }
}
