import type { Envelope } from '@wsg/shared/redis/message/read-queue.ts'

/** A message that this owner has taken up and that has no outcome yet. */
export interface Taken {
  readonly messageId: string
  /** Null where only its id is known yet. */
  readonly envelope: Envelope | null
  /** It was taken up before its turn: it is urgent, or somebody urgent waits for it. */
  readonly isPulled: boolean
}

export interface InOrderResolverParts<W> {
  /** Looks up where a message goes; runs ahead. */
  find(taken: Taken): Promise<W>
  /** Called in the order of the line, one after the other. One that does not return stops the line. */
  leave(taken: Taken, way: W): Promise<void>
}

/**
 * Where messages wait until it is known where they go. Look-ups run side by side, but nothing leaves before all that
 * entered earlier has left, because two numbers may turn out to be one chat.
 */
export class InOrderResolver<W> {
  readonly #parts: InOrderResolverParts<W>
  /** Until they have their outcome. */
  readonly #taken = new Map<string, Taken>()
  #pulled = 0
  #tail: Promise<void> = Promise.resolve()

  constructor(parts: InOrderResolverParts<W>) {
    this.#parts = parts
  }

  get size(): number {
    return this.#taken.size
  }

  /** How many were taken up before their turn. */
  get pulled(): number {
    return this.#pulled
  }

  /** How many were taken up in the order of the queue. */
  get ordinary(): number {
    return this.#taken.size - this.#pulled
  }

  has(messageId: string): boolean {
    return this.#taken.has(messageId)
  }

  enter(taken: Taken): void {
    this.#taken.set(taken.messageId, taken)
    if (taken.isPulled) this.#pulled += 1
    const found = this.#parts.find(taken)
    this.#tail = this.#tail.then(async () => await this.#parts.leave(taken, await found))
  }

  finish(taken: Taken): void {
    if (this.#taken.delete(taken.messageId) && taken.isPulled) this.#pulled -= 1
  }
}
