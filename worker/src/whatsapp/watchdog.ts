/** Calls `bark` once unless it is fed or stopped for `ms`. */
export class Watchdog {
  readonly #ms: number
  readonly #bark: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(ms: number, bark: () => void) {
    this.#ms = ms
    this.#bark = bark
  }

  get isRunning(): boolean {
    return this.#timer !== undefined
  }

  /** Begins, or begins anew. */
  feed(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#bark()
    }, this.#ms)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
