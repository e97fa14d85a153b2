import pTimeout from 'p-timeout'

/** How long the page has to say that it is connected. */
const ANSWER_MS = 500

interface UnconfirmedChangesOptions {
  /** WhatsApp Web's own word for its connection. */
  connection(): Promise<string>
  /** Ends the page in this turn, as a fault. */
  endPage(why: string): void
}

/**
 * Sees to it that a change which was answered `not_confirmed` is not made later. WhatsApp Web holds what it has no answer to, and
 * asks its server for it at the next connection: by then the caller may have looked, found nothing, and asked again. What is held
 * ends with the page, so the page is ended where it is not connected, or hangs, before such an answer leaves; and where it loses
 * its connection afterwards. Where the page itself has said how a change ended it holds nothing.
 */
export class UnconfirmedChanges {
  readonly #options: UnconfirmedChangesOptions
  #mayHold = false

  constructor(options: UnconfirmedChangesOptions) {
    this.#options = options
  }

  /** The page has not ended a change in time. Resolves, within half a second, when the caller may be told. */
  async add(): Promise<void> {
    const { connection, endPage } = this.#options
    this.#mayHold = true
    const silent = () => 'silent'
    const answer = pTimeout(connection(), { milliseconds: ANSWER_MS, fallback: silent }).catch(silent)
    if ((await answer) !== 'CONNECTED')
      endPage('a change was not confirmed, and the page is not connected or hangs')
  }

  disconnected(): void {
    if (this.#mayHold) this.#options.endPage('the connection was lost after a change that was not confirmed')
  }

  /** What the page held went with its document. */
  reloaded(): void {
    this.#mayHold = false
  }
}
