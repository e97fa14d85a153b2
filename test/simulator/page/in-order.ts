/** Hands over what promises bring in the order in which they came, however long one of them takes. */
export class InOrder {
  #last: Promise<unknown> = Promise.resolve()

  enqueue<T>(coming: Promise<T>): Promise<T> {
    const result = Promise.all([coming, this.#last]).then(([value]) => value)
    this.#last = Promise.allSettled([coming, this.#last]).then(() => undefined)
    return result
  }
}
