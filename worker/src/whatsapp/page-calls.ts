import pTimeout from 'p-timeout'
import { Gate } from '../gate.ts'
import { ClientEnding } from './client-ending.ts'
import { ClientClosed, PageGone, PageUnresponsive } from './client-errors.ts'
import { isPageGone } from './open-page.ts'
import type { OpenedPage } from './opened-page.ts'

/** The calls of one client into its page: each has a deadline, and none begins once the client has ended. */
export class PageCalls {
  /** How long one call may take where nothing else is said, in ms. */
  readonly callMs: number
  readonly #ending = new ClientEnding()
  readonly #usable = new Gate()
  #opened: OpenedPage | undefined
  #whyClosed: string | undefined = 'is not open'

  constructor(callMs: number) {
    this.callMs = callMs
  }

  /** Undefined before the page is there. */
  get opened(): OpenedPage | undefined {
    return this.#opened
  }

  /** Rejects with what ended the client. Only for what lasts as long as the client: a race with it is held on to until then. */
  get ended(): Promise<never> {
    return this.#ending.promise
  }

  /** From now on there is a page to be called. */
  open(page: OpenedPage): void {
    this.#opened = page
    this.#whyClosed = undefined
  }

  /** Whether sends and look-ups can be asked of the page: not while it syncs or is loaded anew. */
  setUsable(usable: boolean): void {
    if (usable) this.#usable.open()
    else this.#usable.shut()
  }

  /** The client has ended: what waits for the page rejects with `error`, and each later call with ClientClosed. */
  end(how: string, error: Error): void {
    this.#whyClosed = `has ended: ${how}`
    this.#ending.come(error)
  }

  /**
   * Calls the page as it is.
   * @throws ClientClosed, PageUnresponsive, PageGone, and whatever the page threw
   */
  async call<T>(
    name: string,
    work: (opened: OpenedPage) => Promise<T>,
    callMs: number = this.callMs,
  ): Promise<T> {
    const late = () => {
      throw new PageUnresponsive(`${name}: the page did not answer within ${callMs} ms`)
    }
    try {
      return await pTimeout(work(this.#mustBeOpen()), { milliseconds: callMs, fallback: late })
    } catch (error) {
      if (!isPageGone(error)) throw error
      throw new PageGone(`${name}: the page went away before it answered`, { cause: error })
    }
  }

  /** Calls the page once it is usable. @param leftMs asked for the wait, and again for the call; throws as `call` */
  async callUsable<T>(
    name: string,
    work: (opened: OpenedPage) => Promise<T>,
    leftMs = () => this.callMs,
  ): Promise<T> {
    const late = () => {
      throw new PageUnresponsive(`${name}: the page did not become usable`)
    }
    await pTimeout(this.becomesUsable(), { milliseconds: leftMs(), fallback: late })
    return await this.call(name, work, leftMs())
  }

  /** Waits for the end of a sync or reload. @throws ClientClosed, or what ended the client meanwhile */
  async becomesUsable(): Promise<void> {
    this.#mustBeOpen()
    await this.#ending.before(this.#usable.opened())
  }

  /** Whether the page has answered, or told something by itself, within so many ms. */
  heardWithin(ms: number): boolean {
    return this.#opened?.kit.heardWithin(ms) ?? false
  }

  /** Resolves when the page has answered just now; throws as `call`, and what ended the client meanwhile. */
  async reach(): Promise<void> {
    await this.#ending.before(this.call('reach', ({ kit }) => kit.reach()))
  }

  #mustBeOpen(): OpenedPage {
    if (this.#opened === undefined || this.#whyClosed !== undefined)
      throw new ClientClosed(`The client ${this.#whyClosed}.`)
    return this.#opened
  }
}
