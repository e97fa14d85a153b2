import type { EventEmitter } from 'node:events'
import { stateOfAck } from '@wsg/shared/messages/message-lifecycle.ts'
import pTimeout from 'p-timeout'
import type { Browser, Page } from 'puppeteer'
import { ClientFailed, PageUnresponsive, WhatsAppUnreachable } from './client-errors.ts'
import type { ClientTimeouts } from './client-timeouts.ts'
import { EngineWatch, toEngine } from './engine-watch.ts'
import type { StockClient } from './library/stock-client.ts'
import { DocumentFollower } from './login/document-follower.ts'
import { LoginFollower } from './login/login-follower.ts'
import { PairingCodes } from './login/pairing-codes.ts'
import { firstPage, loadWhatsApp } from './open-page.ts'
import { type PageTaskName, pageTasks } from './page/bindings.ts'
import type { PageNews } from './page/listeners/page-news.ts'
import type { PageEvent } from './page/page-events.ts'
import { PageKit } from './page/page-kit.ts'
import { PageProbe } from './page-probe.ts'
import { readSendFailure } from './read-send-failure.ts'
import type { ClientFault, WhatsAppClientEvents } from './whatsapp-client.ts'

interface OpenedPageOptions {
  browser: Browser
  stock: StockClient
  /** Name and version of the library. */
  library: string
  timeouts: ClientTimeouts
  events: EventEmitter<WhatsAppClientEvents>
  /** Whether sends and look-ups can be asked of the page. */
  onUsable: (usable: boolean) => void
  onFault: (fault: ClientFault) => void
  onLoggedOut: () => void
  /** Another document has taken the place of the one that was loaded. */
  onReloaded: () => void
}

/** One page with WhatsApp Web in it: everything that it says by itself becomes an event of the port here. */
export class OpenedPage {
  readonly page: Page
  readonly kit: PageKit
  readonly pairingCodes: PairingCodes
  readonly #options: OpenedPageOptions
  readonly #login: LoginFollower
  readonly #probe: PageProbe
  readonly #engine: EngineWatch

  /** @throws ClientFailed */
  static async of(options: OpenedPageOptions): Promise<OpenedPage> {
    const detail = 'Chromium answers, but opens no page'
    const message = new ClientFailed({ kind: 'page_unresponsive', detail })
    const milliseconds = options.timeouts.launchMs
    const page = await pTimeout(firstPage(options.browser), { milliseconds, message })
    return new OpenedPage(options, page)
  }

  private constructor(options: OpenedPageOptions, page: Page) {
    const { browser, stock, library, timeouts, events, onFault, onLoggedOut } = options
    this.#options = options
    this.page = page
    this.kit = new PageKit(page)
    stock.pupBrowser = browser
    stock.pupPage = page
    this.pairingCodes = new PairingCodes(stock, events)
    this.#login = new LoginFollower({ events, readyMs: timeouts.readyMs, onFault, onLoggedOut })
    this.#probe = new PageProbe({
      everyMs: timeouts.probeEveryMs,
      deadlineMs: timeouts.probeMs,
      ask: () => this.kit.call('roundTrip'),
      excused: () => this.#login.isSyncing,
      onDead: () => onFault({ kind: 'page_unresponsive', detail: 'the page missed two probes' }),
    })
    this.#engine = new EngineWatch({
      library,
      look: () => this.kit.look(),
      onSeen: (engine) => events.emit('engine', engine),
    })
    page.on('error', () => onFault({ kind: 'page_crashed', detail: 'the renderer crashed' }))
    page.on('close', () => onFault({ kind: 'page_crashed', detail: 'the page was closed' }))
    // What is needed from here on is asked for in a listener of the page, whose errors nobody hears.
    stock.on('authenticated', () => void this.#mustHave('login').catch((error) => this.#failed(error)))
    stock.on('ready', () => void this.#synced().catch((error) => this.#failed(error)))
  }

  /**
   * Loads WhatsApp Web, until it wants a code or has found a login.
   * @throws WhatsAppUnreachable, PageUnresponsive
   */
  async load(): Promise<void> {
    const { stock, timeouts, onUsable, onLoggedOut, onReloaded } = this.#options
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
        this.pairingCodes.forget()
        onUsable(false)
        this.#login.documentChanged()
      },
      onLoggedOut,
      onNotEntered: () => this.#mustHave('login', 'pairing by QR'),
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

  /** The page did not do in time what it was asked to: it is asked for a sign of life at once. */
  suspectHang(): void {
    this.#probe.suspect()
  }

  /** Looks again what the page has and lacks, and tells it where that has changed. */
  async lookAtEngine(): Promise<void> {
    await this.#engine.begin()
  }

  /** No event and no fault comes after this. */
  stop(): void {
    this.#probe.stop()
    this.#engine.stop()
    this.#login.stop()
  }

  #take(event: PageEvent | PageNews): void {
    switch (event.type) {
      case 'state':
        if (event.state === 'UNPAIRED_IDLE') this.pairingCodes.idled()
        this.#login.stateChanged(event.state)
        break
      case 'progress':
        this.#login.progressed(event.percent)
        break
      case 'offline_delivery':
        this.#login.offlineDelivery(event.isOver)
        break
      case 'passkey':
        this.#login.passkeyAsked()
        break
      case 'logout':
        this.#login.logoutBegan()
        break
      case 'ack': {
        const state = stateOfAck(event.ack)
        if (state) this.#options.events.emit('ack', event.id, state)
        break
      }
      case 'send_failure':
        this.#options.events.emit('sendFailed', event.id, readSendFailure(event))
        break
      default:
        this.#options.events.emit('news', event)
    }
  }

  async #synced(): Promise<void> {
    // Once more: only now is there something of the library to be mended in this document.
    await this.kit.install()
    const { lid } = await this.#engine.begin()
    const { info } = this.#options.stock
    this.#options.onUsable(true)
    this.#login.synced({
      account: info.wid.user,
      pushName: info.pushname ?? '',
      ...(lid !== null && { lid }),
    })
  }

  /** @throws ClientFailed where the page lacks what it needs for any of these */
  async #mustHave(...tasks: PageTaskName[]): Promise<void> {
    // A page that goes meanwhile is somebody else's to notice.
    const found = await this.kit.look().catch(() => null)
    if (found === null) return
    const { version, missing } = found
    const lacks = missing.filter((name) => tasks.some((task) => needsOf(task).includes(name)))
    if (lacks.length === 0) return
    this.#options.events.emit('engine', toEngine(this.#options.library, { version, missing }))
    throw new ClientFailed({ kind: 'page_unsupported', detail: `WhatsApp Web lacks ${lacks.join(', ')}` })
  }

  #failed(error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error)
    this.#options.onFault(error instanceof ClientFailed ? error.fault : { kind: 'unexpected', detail })
  }

  async #mustAnswer(): Promise<void> {
    const { probeMs } = this.#options.timeouts
    const message = new PageUnresponsive('WhatsApp Web loaded and then stopped answering.')
    await pTimeout(this.kit.call('roundTrip'), { milliseconds: probeMs, message })
  }
}

function needsOf(task: PageTaskName): readonly string[] {
  return pageTasks[task].needs
}
