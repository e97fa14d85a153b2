/** Lets callers through while it is open, and holds them while it is shut. */
export class Gate {
  #passage = Promise.withResolvers<void>()
  #isOpen = false

  passed(): Promise<void> {
    return this.#passage.promise
  }

  open(): void {
    this.#isOpen = true
    this.#passage.resolve()
  }

  shut(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#passage = Promise.withResolvers<void>()
  }
}
