/** Lets callers through one after another, in the order in which they come. */
export class Pace {
  readonly #atOnce: number
  readonly #everyMs: number
  #nextAt = Number.NEGATIVE_INFINITY

  /** @param rate after a rest so many pass at once, then one every so many ms */
  constructor({ atOnce, everyMs }: { atOnce: number; everyMs: number }) {
    this.#atOnce = atOnce
    this.#everyMs = everyMs
  }

  /**
   * Waits until it is the caller's turn.
   * @returns false, at once, where that would be later than in `limitMs`: nothing is counted then
   */
  async turn(limitMs: number): Promise<boolean> {
    const now = performance.now()
    const at = Math.max(this.#nextAt, now - (this.#atOnce - 1) * this.#everyMs)
    if (at > now && at - now > limitMs) return false
    this.#nextAt = at + this.#everyMs
    if (at > now) await new Promise((resolve) => setTimeout(resolve, at - now))
    return true
  }
}
