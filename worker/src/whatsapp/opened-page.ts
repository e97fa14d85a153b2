import type { EventEmitter } from 'node:events'
import { stateOfAck } from '@wsg/shared/messages/message-lifecycle.ts'
import pTimeout from 'p-timeout'
import type { Browser, Page } from 'puppeteer'
import { ClientFailed, PageUnresponsive, WhatsAppUnreachable } from './client-errors.ts'
import type { StockClient } from './library/stock-client.ts'
import { DocumentFollower } from './login/document-follower.ts'
import { LoginFollower } from './login/login-follower.ts'
import { firstPage, loadWhatsApp } from './open-page.ts'
import type { PageEvent } from './page/page-events.ts'
import { PageKit } from './page/page-kit.ts'
import type { ClientTimeouts } from './page-client-options.ts'
import { PageProbe } from './page-probe.ts'
import type { ClientFault, PairingCode, WhatsAppClientEvents } from './whatsapp-client.ts'

interface OpenedPageSetting {
  browser: Browser
  stock: StockClient
  timeouts: ClientTimeouts
  events: EventEmitter<WhatsAppClientEvents>
  /** Whether sends and look-ups can be asked of the page. */
  onUsable: (usable: boolean) => void
  onFault: (fault: ClientFault) => void
  onLoggedOut: () => void
  /** Another document has taken the place of the one that was loaded. */
  onReloaded: () => void
}

/** WhatsApp Web shows its first code for a minute and the ones after it for 20 s; it does not say so to the page. */
const FIRST_CODE_MS = 60_000
const NEXT_CODE_MS = 20_000
/** WhatsApp's own renewal of a pairing code, as whatsapp-web.js asks for it. */
const PAIRING_CODE_MS = 180_000
/** A code that ends sooner is too short-lived to be given once more. */
const TYPED_WITHIN_MS = 20_000

/** One page with WhatsApp Web in it: everything that it says by itself becomes an event of the port here. */
export class OpenedPage {
  readonly page: Page
  readonly kit: PageKit
  readonly #setting: OpenedPageSetting
  readonly #login: LoginFollower
  readonly #probe: PageProbe
  #code = ''
  #codesShown = 0
  #isAskingForCode = false
  /** The pairing code that was given last, or is being asked for; a new document knows none. */
  #pairing: { phoneNumber: string; code: Promise<PairingCode | null> } | null = null

  /** @throws ClientFailed */
  static async of(setting: OpenedPageSetting): Promise<OpenedPage> {
    const detail = 'Chromium answers, but opens no page'
    const message = new ClientFailed({ kind: 'page_unresponsive', detail })
    const milliseconds = setting.timeouts.launchMs
    const page = await pTimeout(firstPage(setting.browser), { milliseconds, message })
    return new OpenedPage(setting, page)
  }

  private constructor(setting: OpenedPageSetting, page: Page) {
    const { browser, stock, timeouts, events, onFault, onLoggedOut } = setting
    this.#setting = setting
    this.page = page
    this.kit = new PageKit(page)
    stock.pupBrowser = browser
    stock.pupPage = page
    this.#login = new LoginFollower({ events, readyMs: timeouts.readyMs, onFault, onLoggedOut })
    this.#probe = new PageProbe({
      everyMs: timeouts.probeEveryMs,
      deadlineMs: timeouts.probeMs,
      misses: 2,
      ask: () => this.kit.roundTrip(),
      excused: () => this.#login.isSyncing,
      onDead: () => onFault({ kind: 'page_unresponsive', detail: 'the page missed two probes' }),
    })
    page.on('error', () => onFault({ kind: 'page_crashed', detail: 'the renderer crashed' }))
    page.on('close', () => onFault({ kind: 'page_crashed', detail: 'the page was closed' }))
    stock.on('qr', (code: string) => this.#codeShown(code))
    stock.on('code', (code: string) => this.#pairingCodeMade(code))
    stock.on('ready', () => void this.#synced().catch((error) => this.#failed(error)))
  }

  /**
   * Loads WhatsApp Web, until it wants a code or has found a login.
   * @throws WhatsAppUnreachable, PageUnresponsive
   */
  async load(): Promise<void> {
    const { stock, timeouts, onUsable, onLoggedOut, onReloaded } = this.#setting
    const limit = Date.now() + timeouts.loadMs
    await this.kit.listen((event) => this.#take(event))
    await loadWhatsApp(this.page, Math.max(1, limit - Date.now()))
    const documents = new DocumentFollower({
      page: this.page,
      kit: this.kit,
      stock,
      loadMs: timeouts.loadMs,
      onChanged: () => {
        onReloaded()
        this.#pairing = null
        onUsable(false)
        this.#login.documentChanged()
      },
      onLoggedOut,
      onFailed: (error) => this.#failed(error),
    })
    this.#probe.start()
    const late = new WhatsAppUnreachable('WhatsApp Web loaded, but gets no connection to its server.')
    try {
      await pTimeout(documents.enter(), { milliseconds: Math.max(1, limit - Date.now()), message: late })
    } catch (error) {
      if (error === late) await this.#mustAnswer()
      throw error
    }
  }

  /** The code that a number already has, or a new one, with which every other one stops working. */
  async askPairingCode(phoneNumber: string): Promise<PairingCode> {
    const before = this.#pairing
    const given = (await before?.code) ?? null
    const leftMs = given === null ? 0 : given.expiresAt - Date.now()
    // Somebody else may have asked while this one waited.
    if (before !== this.#pairing) return await this.askPairingCode(phoneNumber)
    if (given !== null && before?.phoneNumber === phoneNumber && leftMs > TYPED_WITHIN_MS) return given
    const asked = this.#askNewPairingCode(phoneNumber, leftMs > 0)
    this.#pairing = { phoneNumber, code: asked.catch(() => null) }
    return await asked
  }

  async #askNewPairingCode(phoneNumber: string, replacesPrevious: boolean): Promise<PairingCode> {
    this.#isAskingForCode = true
    try {
      const code = await this.#setting.stock.requestPairingCode(phoneNumber)
      return { code, expiresAt: Date.now() + PAIRING_CODE_MS, replacesPrevious }
    } finally {
      this.#isAskingForCode = false
    }
  }

  /** The page did not do in time what it was asked to: it is asked for a sign of life at once. */
  suspectHang(): void {
    this.#probe.suspect()
  }

  /** No event and no fault comes after this. */
  stop(): void {
    this.#probe.stop()
    this.#login.stop()
  }

  #take(event: PageEvent): void {
    switch (event.type) {
      case 'state':
        if (event.state === 'UNPAIRED_IDLE') this.#codesShown = 0
        this.#login.stateChanged(event.state)
        break
      case 'progress':
        this.#login.progressed(event.percent)
        break
      case 'passkey':
        this.#login.passkeyAsked()
        break
      case 'logout':
        this.#login.logoutBegan()
        break
      case 'ack': {
        const state = stateOfAck(event.ack)
        if (state) this.#setting.events.emit('ack', event.id, state)
      }
    }
  }

  async #synced(): Promise<void> {
    // Once more: only now is there something of the library to be mended in this document.
    await this.kit.install()
    const { info } = this.#setting.stock
    this.#setting.onUsable(true)
    this.#login.synced({ account: info.wid.user, pushName: info.pushname ?? '' })
  }

  #codeShown(code: string): void {
    // While it pairs, the page has no reference of the server's and the library makes a code of it all the same.
    if (code.startsWith('undefined,') || code === this.#code) return
    this.#code = code
    this.#codesShown += 1
    const validMs = this.#codesShown === 1 ? FIRST_CODE_MS : NEXT_CODE_MS
    this.#setting.events.emit('qr', code, Date.now() + validMs)
  }

  #pairingCodeMade(code: string): void {
    if (this.#isAskingForCode) return
    const expiresAt = Date.now() + PAIRING_CODE_MS
    const renewed = Promise.resolve({ code, expiresAt, replacesPrevious: false })
    if (this.#pairing !== null) this.#pairing = { ...this.#pairing, code: renewed }
    this.#setting.events.emit('pairingCode', code, expiresAt)
  }

  #failed(error: unknown): void {
    this.#setting.onFault({
      kind: 'unexpected',
      detail: error instanceof Error ? error.message : String(error),
    })
  }

  async #mustAnswer(): Promise<void> {
    const { probeMs } = this.#setting.timeouts
    const message = new PageUnresponsive('WhatsApp Web loaded and then stopped answering.')
    await pTimeout(this.kit.roundTrip(), { milliseconds: probeMs, message })
  }
}
