import { MediaRefused } from './file-store.ts'

/** Other gateways and workers store files as well, and deleting is theirs too. */
const MEASURED_EVERY_MS = 60_000

/** How much a store may hold: measured once a minute, and what this process adds counted in between. */
export class Quota {
  readonly #maxBytes: number
  readonly #measure: () => Promise<number>
  #usedBytes = 0
  #measuredAt = Number.NEGATIVE_INFINITY

  /** @param measure how many bytes the store holds */
  constructor(maxBytes: number, measure: () => Promise<number>) {
    this.#maxBytes = maxBytes
    this.#measure = measure
  }

  /** @returns the bytes that are left. @throws MediaRefused where none are */
  async left(): Promise<number> {
    if (this.#maxBytes === Number.POSITIVE_INFINITY) return this.#maxBytes
    if (performance.now() - this.#measuredAt > MEASURED_EVERY_MS) {
      this.#measuredAt = performance.now()
      this.#usedBytes = await this.#measure()
    }
    const left = this.#maxBytes - this.#usedBytes
    if (left <= 0) throw new MediaRefused('store_full')
    return left
  }

  added(bytes: number): void {
    this.#usedBytes += bytes
  }
}
