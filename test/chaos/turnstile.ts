/** Lets messages through in portions, so that they go out as long as there is something left to kill. */
export class Turnstile {
  readonly #total: number
  #limit = 0
  #passed = 0
  #waiting: (() => void)[] = []

  constructor(total: number) {
    this.#total = total
  }

  /** From now on `count` in all may pass. */
  openTo(count: number): void {
    this.#limit = Math.min(count, this.#total)
    this.#wake()
  }

  /** Waits until one more may pass. @returns false when all have */
  async pass(): Promise<boolean> {
    while (this.#passed >= this.#limit) {
      if (this.#passed >= this.#total) return false
      await this.#change()
    }
    this.#passed += 1
    this.#wake()
    return true
  }

  /** Resolves when `count` have passed. */
  async until(count: number): Promise<void> {
    while (this.#passed < Math.min(count, this.#total)) await this.#change()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    const woken = this.#waiting
    this.#waiting = []
    for (const resolve of woken) resolve()
  }
}
