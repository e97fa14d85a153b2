const WIDTH = 30

/** One line of standard error that is written over again; nothing where that is no terminal. */
export class ProgressBar {
  readonly #isShown: boolean

  constructor({ isShown }: { isShown: boolean }) {
    this.#isShown = isShown && process.stderr.isTTY === true
  }

  show(done: number, total: number, what: string): void {
    if (!this.#isShown) return
    const filled = total === 0 ? 0 : Math.min(WIDTH, Math.floor((done / total) * WIDTH))
    process.stderr.write(
      `\r\x1b[K[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${done} of ${total} ${what}`,
    )
  }

  end(): void {
    if (this.#isShown) process.stderr.write('\r\x1b[K')
  }
}
