import type { PageSendOutcome } from './page/send-text.ts'

/** The messages that one page was given and that have no ack yet: it would send them again when it is loaded anew. */
export class UnackedMessages {
  readonly #ids = new Set<string>()

  get isEmpty(): boolean {
    return this.#ids.size === 0
  }

  /** Counts a message from before it is handed over; no longer where the page says that it did not take it. */
  async count(messageId: string, handOver: Promise<PageSendOutcome>): Promise<PageSendOutcome> {
    this.#ids.add(messageId)
    const outcome = await handOver
    if (outcome.outcome === 'late' || outcome.outcome === 'refused') this.#ids.delete(messageId)
    return outcome
  }

  acked(messageId: string): void {
    this.#ids.delete(messageId)
  }
}
