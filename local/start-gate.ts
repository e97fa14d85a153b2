/**
 * Lets no more browsers start at once than the machine has cores: past that they only take turns, and the
 * watchdogs of all of them run meanwhile. Whoever waits is served in order.
 */
export class StartGate<Starter> {
  readonly #slots: number
  readonly #grant: (starter: Starter) => void
  readonly #starting = new Set<Starter>()
  readonly #waiting = new Set<Starter>()

  constructor(slots: number, grant: (starter: Starter) => void) {
    this.#slots = slots
    this.#grant = grant
  }

  /** Nobody starts and nobody waits. */
  get isQuiet(): boolean {
    return this.#starting.size + this.#waiting.size === 0
  }

  want(starter: Starter): void {
    this.#waiting.add(starter)
    this.#serve()
  }

  /** The start is over, well or badly; also for a starter that died, waiting or not. */
  over(starter: Starter): void {
    this.#waiting.delete(starter)
    this.#starting.delete(starter)
    this.#serve()
  }

  #serve(): void {
    for (const starter of this.#waiting) {
      if (this.#starting.size >= this.#slots) return
      this.#waiting.delete(starter)
      this.#starting.add(starter)
      this.#grant(starter)
    }
  }
}
