import { ClientClosed, PageNotReached } from './client-errors.ts'
import type { PageCalls } from './page-calls.ts'

/** A sign of life that is no older counts: to be asked for another takes the page about as long. */
const HEARD_WITHIN_MS = 2

/**
 * Whether the page lives at this moment.
 *
 * A call to a browser that is dying is lost without a word, and a lost hand-over cannot be told from one that was carried
 * out. So the page has to have given a sign of life just before: only what ends it in the instant after that leaves an
 * open question. It is asked for one only where it has not said anything by itself, and once for all who want to know.
 */
export class SignOfLife {
  readonly #calls: Pick<PageCalls, 'becomesUsable' | 'heardWithin' | 'reach'>
  #asking: Promise<void> | undefined

  constructor(calls: Pick<PageCalls, 'becomesUsable' | 'heardWithin' | 'reach'>) {
    this.#calls = calls
  }

  /**
   * Resolves when there is one that is milliseconds old.
   * @throws ClientClosed, PageNotReached
   */
  async fresh(): Promise<void> {
    try {
      await this.#calls.becomesUsable()
      if (this.#calls.heardWithin(HEARD_WITHIN_MS)) return
      this.#asking ??= this.#calls.reach().finally(() => {
        this.#asking = undefined
      })
      await this.#asking
    } catch (error) {
      if (error instanceof ClientClosed) throw error
      throw new PageNotReached('the page was gone before it was given the message', { cause: error })
    }
  }
}
