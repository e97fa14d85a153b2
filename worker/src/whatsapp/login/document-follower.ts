import pTimeout from 'p-timeout'
import type { Page } from 'puppeteer'
import type { StockClient } from '../library/stock-client.ts'
import type { PageGlobals } from '../page/page-globals.ts'
import type { PageKit } from '../page/page-kit.ts'

interface DocumentFollowerOptions {
  page: Page
  kit: PageKit
  stock: StockClient
  /** How long a document may take until it wants a code or has found a login. */
  loadMs: number
  onChanged: () => void
  /** The page went to its QR because the login ended. */
  onLoggedOut: () => void
  /** It could not be set up. @throws where it is known why */
  onNotEntered: () => Promise<void>
  onFailed: (error: unknown) => void
}

/**
 * Sets whatsapp-web.js up in the document that the page shows, and again in each one that follows it: WhatsApp Web
 * reloads itself for updates, and goes to another address when it was logged out.
 */
export class DocumentFollower {
  readonly #options: DocumentFollowerOptions
  #documents = 0
  #isEntering = false

  constructor(options: DocumentFollowerOptions) {
    this.#options = options
    options.page.on('framenavigated', (frame) => {
      if (frame === options.page.mainFrame()) this.#navigated(frame.url())
    })
  }

  /** Resolves when the page wants a code or has found a login. Starts over where the document is replaced meanwhile. */
  async enter(): Promise<void> {
    const { page, onLoggedOut } = this.#options
    this.#isEntering = true
    try {
      // A login that was ended while nobody was there may be noticed before the first document was loaded.
      if (isAfterLogout(page.url())) onLoggedOut()
      for (let entered = false; !entered; ) entered = await this.#enterDocument()
    } finally {
      this.#isEntering = false
    }
  }

  #navigated(url: string): void {
    this.#documents += 1
    if (isAfterLogout(url)) this.#options.onLoggedOut()
    this.#options.onChanged()
    if (!isAfterLogout(url) && !this.#isEntering) this.#enterAgain()
  }

  #enterAgain(): void {
    const { loadMs, onFailed } = this.#options
    // The stock client does this without catching: a second navigation would end Node.
    const message = new Error('the page did not come back after a reload')
    pTimeout(this.enter(), { milliseconds: loadMs, message }).catch(onFailed)
  }

  /** @returns false where another document came in between */
  async #enterDocument(): Promise<boolean> {
    const { page, kit, stock, loadMs } = this.#options
    const document = this.#documents
    stock.heardSync = false
    try {
      await page.waitForFunction('window.Debug?.VERSION !== undefined', { timeout: loadMs })
      await kit.install()
      await stock.inject()
      await this.#makeUpForMissedSync()
    } catch (error) {
      if (document === this.#documents && !isContextGone(error)) {
        await this.#options.onNotEntered()
        throw error
      }
    }
    return document === this.#documents
  }

  /**
   * A page that had synced before the stock client listened never says so again, and `ready` would never come. What
   * the page told before this question was asked has arrived before its answer, so this happens once or not at all.
   */
  async #makeUpForMissedSync(): Promise<void> {
    const { page, stock } = this.#options
    const hasSynced = await page.evaluate(
      () => (window as unknown as PageGlobals).require('WAWebSocketModel').Socket.hasSynced,
    )
    if (!hasSynced || stock.heardSync) return
    await page.evaluate(() => {
      void (window as unknown as { onAppStateHasSyncedEvent(): Promise<void> }).onAppStateHasSyncedEvent()
    })
  }
}

function isAfterLogout(url: string): boolean {
  return url.includes('post_logout=1')
}

function isContextGone(error: unknown): boolean {
  return /context was destroyed|Cannot find context/.test(String(error))
}
