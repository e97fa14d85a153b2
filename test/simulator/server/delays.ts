/** Timers that all end with the simulator. A delay of 0 ms runs at once, so that nothing is reordered or slowed. */
export class Delays {
  readonly #timers = new Set<NodeJS.Timeout>()

  after(delayMs: number, run: () => void): void {
    if (delayMs === 0) {
      run()
      return
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, delayMs)
    this.#timers.add(timer)
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}
