/** The end of a client, of which whatever waits for its page has to hear. */
export class ClientEnding {
  /** Rejects with what ended it. Only for what lasts as long as the client: a race with it is held on to until then. */
  readonly promise: Promise<never>
  readonly #reject: (error: Error) => void
  readonly #waiting = new Set<(error: Error) => void>()
  #error: Error | undefined

  constructor() {
    const { promise, reject } = Promise.withResolvers<never>()
    promise.catch(() => {})
    this.promise = promise
    this.#reject = reject
  }

  /** The first one counts. */
  come(error: Error): void {
    if (this.#error !== undefined) return
    this.#error = error
    this.#reject(error)
    for (const reject of this.#waiting) reject(error)
    this.#waiting.clear()
  }

  /** Settles as `work` does, or rejects at the end of the client. */
  async before<T>(work: Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>()
    if (this.#error === undefined) this.#waiting.add(reject)
    else reject(this.#error)
    try {
      return await Promise.race([work, promise])
    } finally {
      this.#waiting.delete(reject)
    }
  }
}
