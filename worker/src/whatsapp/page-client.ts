import { EventEmitter } from 'node:events'
import { stateOfAck } from '@wsg/shared/message-lifecycle.ts'
import { launchChromium } from './chromium/launch-chromium.ts'
import type { LockedChromium } from './chromium/locked-chromium.ts'
import {
  ClientClosed,
  ClientFailed,
  NotHandedOver,
  PageUnresponsive,
  SendDeadlinePassed,
} from './client-errors.ts'
import { type ClientTimeouts, defaultTimeouts } from './client-timeouts.ts'
import { connectBrowser } from './connect-browser.ts'
import { Gate } from './gate.ts'
import { OpenedPage } from './opened-page.ts'
import type { PageClientOptions } from './page-client-options.ts'
import { prepareProfile } from './profile.ts'
import { ResolvedNumbers } from './resolved-numbers.ts'
import type { StockClient } from './stock-client.ts'
import type {
  ClientFault,
  FoundMessage,
  OutgoingText,
  ResolvedChat,
  WhatsAppClient,
  WhatsAppClientEvents,
} from './whatsapp-client.ts'
import { withDeadline } from './with-deadline.ts'

type End = 'closed' | 'failed' | 'logged_out'

/** The port to WhatsApp over one page in one Chromium: opens it, asks it, and ends it in every way it can end. */
export class PageClient implements WhatsAppClient {
  readonly events = new EventEmitter<WhatsAppClientEvents>()
  readonly #options: PageClientOptions
  readonly #timeouts: ClientTimeouts
  readonly #numbers = new ResolvedNumbers((digits) => this.#askNumber(digits))
  readonly #usable = new Gate()
  readonly #ended = Promise.withResolvers<never>()
  #chromium: LockedChromium | undefined
  #stock: StockClient | undefined
  #opened: OpenedPage | undefined
  #isOpen = false
  #isLeaving = false
  #end: End | undefined
  #closing: Promise<void> | undefined

  constructor(options: PageClientOptions) {
    this.#options = options
    this.#timeouts = { ...defaultTimeouts, ...options.timeouts }
    this.#ended.promise.catch(() => {})
  }

  async open(): Promise<void> {
    try {
      await Promise.race([this.#start(), this.#ended.promise])
      this.#isOpen = true
    } catch (error) {
      const wasLoggedOut = this.#end === 'logged_out'
      await this.close()
      if (!wasLoggedOut) throw error
    }
  }

  async requestPairingCode(phoneNumber: string): Promise<{ code: string; expiresAt: number }> {
    return await this.#call('pairing code', (opened) => opened.askPairingCode(phoneNumber))
  }

  async resolveNumber(digits: string): Promise<ResolvedChat | null> {
    return await this.#numbers.resolve(digits)
  }

  async sendText(message: OutgoingText): Promise<{ messageId: string; lid?: string }> {
    const mentions = await Promise.all(message.mentions.map((mention) => this.#mentioned(mention)))
    // A call that nobody waits for any more must not send: the page's deadline is never after ours.
    const deadline = Math.min(message.deadline, Date.now() + this.#timeouts.callMs)
    const late = () => new SendDeadlinePassed('The deadline was over before the page could take the message.')
    if (deadline <= Date.now()) throw late()
    await withDeadline(this.#becomesUsable(), deadline - Date.now(), late)
    const outcome = await this.#call('send', ({ kit }) => kit.sendText({ ...message, mentions, deadline }))
    switch (outcome.outcome) {
      case 'handed_over':
        return { messageId: outcome.messageId, ...(outcome.lid && { lid: outcome.lid }) }
      case 'late':
        throw late()
      case 'refused':
        throw new NotHandedOver(outcome.code, outcome.detail)
      case 'uncertain':
        throw new Error(`The page threw after it took the message over: ${outcome.detail}`)
    }
  }

  async findOutcome(messageId: string, chatId?: string): Promise<FoundMessage> {
    const found = await this.#callUsable('look-up', ({ kit }) => kit.findOutcome(messageId, chatId ?? null))
    if (!found) return { found: 'absent' }
    const state = stateOfAck(found.ack)
    return state ? { found: 'acked', state, messageId: found.messageId } : { found: 'pending' }
  }

  async probe(): Promise<string> {
    return await this.#call('probe', ({ kit }) => kit.roundTrip())
  }

  async screenshot(): Promise<Buffer> {
    return await this.#call('screenshot', async ({ page }) =>
      Buffer.from(await page.screenshot({ type: 'png' })),
    )
  }

  async logout(): Promise<void> {
    this.#isLeaving = true
    await this.#call('logout', ({ kit }) => kit.logout())
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  kill(): void {
    this.#endAs('closed')
    this.#chromium?.kill()
  }

  async #start(): Promise<void> {
    const { profilePath, lockPath, world, onBrowserPid, loadLibraries, logger } = this.#options
    prepareProfile(profilePath, lockPath, world)
    const chromium = launchChromium(this.#options)
    this.#chromium = chromium
    if (chromium.pid !== undefined) onBrowserPid(chromium.pid)
    const libraries = loadLibraries()
    const browser = await connectBrowser(chromium, libraries, { launchMs: this.#timeouts.launchMs, logger })
    void chromium.exited.then(({ code, signal }) =>
      this.#fail({ kind: 'browser_gone', detail: `Chromium ended: ${code ?? signal}` }),
    )
    this.#stock = libraries.createStockClient()
    this.#opened = await OpenedPage.of({
      browser,
      stock: this.#stock,
      timeouts: this.#timeouts,
      events: this.events,
      onUsable: (usable) => (usable ? this.#usable.open() : this.#usable.shut()),
      onFault: (fault) => this.#fail(fault),
      onLoggedOut: () => this.#loggedOut(),
    })
    if (this.#end) this.#opened.stop()
    else await this.#opened.load()
  }

  /** @throws ClientClosed, PageUnresponsive, and whatever the page threw */
  async #call<T>(name: string, work: (opened: OpenedPage) => Promise<T>): Promise<T> {
    const { callMs } = this.#timeouts
    if (this.#end || !this.#opened) throw this.#closedError()
    const late = () => new PageUnresponsive(`${name}: the page did not answer within ${callMs} ms`)
    try {
      return await withDeadline(work(this.#opened), callMs, late)
    } catch (error) {
      if (!isPageGone(error)) throw error
      throw new PageUnresponsive(`${name}: the page went away before it answered`, { cause: error })
    }
  }

  async #callUsable<T>(name: string, work: (opened: OpenedPage) => Promise<T>): Promise<T> {
    const late = () => new PageUnresponsive(`${name}: the page did not become usable`)
    await withDeadline(this.#becomesUsable(), this.#timeouts.callMs, late)
    return await this.#call(name, work)
  }

  /** Waits for the end of a sync or reload. */
  async #becomesUsable(): Promise<void> {
    if (this.#end || !this.#opened) throw this.#closedError()
    await Promise.race([this.#usable.passed(), this.#ended.promise])
  }

  async #askNumber(digits: string): Promise<ResolvedChat | null> {
    return await this.#callUsable('number query', async ({ kit }) => {
      const chat = await this.#stock?.getNumberId(digits)
      if (!chat) return null
      const lid = await kit.lidOf(chat._serialized)
      return { chatId: chat._serialized, ...(lid && { lid }) }
    })
  }

  async #mentioned(mention: string): Promise<string> {
    if (mention.includes('@')) return mention
    return (await this.resolveNumber(mention))?.chatId ?? `${mention}@c.us`
  }

  #loggedOut(): void {
    if (this.#isLeaving || !this.#endAs('logged_out')) return
    void this.close().then(() => this.events.emit('loggedOut'))
  }

  #fail(fault: ClientFault): void {
    if (!this.#endAs('failed', new ClientFailed(fault))) return
    this.#chromium?.kill()
    if (this.#isOpen) this.events.emit('fault', fault)
  }

  /** @returns false where it has ended already: the first end counts */
  #endAs(end: End, error: Error = new ClientClosed(`The client has ended: ${end}.`)): boolean {
    if (this.#end) return false
    this.#end = end
    this.#opened?.stop()
    this.#ended.reject(error)
    return true
  }

  #closedError(): ClientClosed {
    return new ClientClosed(`The client ${this.#end ? `has ended: ${this.#end}` : 'is not open'}.`)
  }

  async #close(): Promise<void> {
    this.#endAs('closed')
    const chromium = this.#chromium
    if (!chromium) return
    const { closeMs } = this.#timeouts
    const late = new Error('Chromium does not end')
    const clean = this.#stock?.pupBrowser?.close() ?? Promise.reject(late)
    await withDeadline(Promise.all([clean, chromium.exited]), closeMs, () => late).catch(() =>
      chromium.kill(),
    )
    await chromium.gone()
    this.#options.onBrowserPid(null)
  }
}

/** Chromium, the page or its document ended while a call was under way. */
function isPageGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    /Target closed|Session closed|context was destroyed|detached/i.test(error.message)
  )
}
