import type { SendJob } from '../queues/send-queue.ts'

/** A message that this owner has taken up and that has no outcome yet. */
export interface Taken {
  readonly messageId: string
  /** Null while its job is still on the queue: it was taken up before its turn there. */
  job: SendJob | null
  /** It is urgent, or somebody urgent waits for it. */
  readonly isUrgent: boolean
  /** From here on the record is in `sending` or beyond, and the job must not be put back. */
  begun: boolean
  giveBack(): void
}

export interface LineParts<W> {
  /** Looks up where a message goes; runs ahead. */
  find(taken: Taken): Promise<W>
  /** Called in the order of the line, one after the other. One that does not return stops the line. */
  leave(taken: Taken, way: W): Promise<void>
}

/**
 * Where messages wait until it is known where they go. Look-ups run side by side, but nothing leaves before all that
 * entered earlier has left, because two numbers may turn out to be one chat.
 */
export class Line<W> {
  readonly #parts: LineParts<W>
  /** In the order of entering, until they have their outcome. */
  readonly #taken = new Map<string, Taken>()
  #tail: Promise<void> = Promise.resolve()

  constructor(parts: LineParts<W>) {
    this.#parts = parts
  }

  get size(): number {
    return this.#taken.size
  }

  /** In the order of entering. */
  get all(): Taken[] {
    return [...this.#taken.values()]
  }

  has(messageId: string): boolean {
    return this.#taken.has(messageId)
  }

  enter(taken: Taken): void {
    this.#taken.set(taken.messageId, taken)
    const found = this.#parts.find(taken)
    this.#tail = this.#tail.then(async () => await this.#parts.leave(taken, await found))
  }

  /** The job of a message that was taken up without it: they end together. @returns false where there is none such */
  attach(job: SendJob, giveBack: () => void): boolean {
    const taken = this.#taken.get(job.messageId)
    if (taken === undefined || taken.job !== null) return false
    taken.job = job
    taken.giveBack = giveBack
    return true
  }

  finish(taken: Taken): void {
    this.#taken.delete(taken.messageId)
    // First: whoever fetches next finishes this job with the same command.
    taken.job?.done()
    taken.giveBack()
  }
}
