import { EventEmitter } from 'node:events'
import type { Media } from '@wsg/shared/messages/media.ts'
import { type AckedState, stateOfAck } from '@wsg/shared/messages/message-lifecycle.ts'
import { ProxyFailed, type ProxyTrouble } from '@wsg/shared/net/connect-through-proxy.ts'
import type { StoredProxy } from '@wsg/shared/net/proxy-address.ts'
import {
  changesSomething,
  type OperationInput,
  type OperationOutput,
} from '@wsg/shared/operations/operations.ts'
import pTimeout from 'p-timeout'
import { resolverRules } from './browser/host-rules.ts'
import { type LaunchOptions, type LockedChromium, launchChromium } from './browser/locked-chromium.ts'
import { ProxyForwarder } from './browser/proxy-forwarder.ts'
import {
  ClientClosed,
  ClientFailed,
  OperationRefused,
  PageUnresponsive,
  WhatsAppUnreachable,
} from './client-errors.ts'
import { type ClientTimeouts, defaultTimeouts } from './client-timeouts.ts'
import { FileTransfer, type FileTransferSettings } from './file-transfer.ts'
import type { Libraries, StockClient } from './library/stock-client.ts'
import { lackOf, mustHave } from './must-have.ts'
import { isPageGone } from './open-page.ts'
import { OpenedPage } from './opened-page.ts'
import type { MissedSince } from './page/collect-missed.ts'
import type { PageMessageFacts } from './page/describe-message.ts'
import type { PageOutput } from './page/operations/page-operation.ts'
import type { PageOperationName } from './page/operations/page-operations.ts'
import { PageCalls } from './page-calls.ts'
import { PageSender } from './page-sender.ts'
import { ResolvedNumbers } from './resolved-numbers.ts'
import { SignOfLife } from './sign-of-life.ts'
import type {
  ChatState,
  ClientFault,
  FoundMessage,
  OutgoingMessage,
  PairingCode,
  ResolvedChat,
  SentMessage,
  WhatsAppClient,
  WhatsAppClientEvents,
} from './whatsapp-client.ts'

/** Chats may have to be read back from the page's store one by one. */
const COLLECT_MS = 120_000
/** How long after the page it may take until it is known what ended. */
const END_KNOWN_WITHIN_MS = 1_000

export interface PageClientOptions extends Omit<LaunchOptions, 'proxyPort'>, FileTransferSettings {
  /** What the browser goes through; null or absent for none of its own. */
  proxy?: StoredProxy | null
  /** The browser's process group, from its start until it is gone. */
  onBrowserPid(pid: number | null): void
  timeouts?: Partial<ClientTimeouts>
  loadLibraries: () => Libraries
}

type End = 'closed' | 'failed' | 'logged_out'

/** The port to WhatsApp over one page in one Chromium: opens it, asks it, and ends it in every way it can end. */
export class PageClient implements WhatsAppClient {
  readonly events = new EventEmitter<WhatsAppClientEvents>()
  readonly #options: PageClientOptions
  readonly #timeouts: ClientTimeouts
  readonly #calls: PageCalls
  readonly #signOfLife: SignOfLife
  readonly #sender: PageSender
  readonly #files: FileTransfer
  readonly #numbers = new ResolvedNumbers((digits) => this.#askNumber(digits))
  #chromium: LockedChromium | undefined
  #forwarder: ProxyForwarder | undefined
  #stock: StockClient | undefined
  #isOpen = false
  #isLeaving = false
  #end: End | undefined
  #closing: Promise<void> | undefined

  constructor(options: PageClientOptions) {
    this.#options = options
    this.#timeouts = { ...defaultTimeouts, ...options.timeouts }
    const calls = new PageCalls(this.#timeouts.callMs)
    this.#calls = calls
    this.#signOfLife = new SignOfLife(calls)
    this.#sender = new PageSender({ calls, signOfLife: this.#signOfLife, logger: options.logger })
    this.#files = new FileTransfer({
      ...options,
      calls,
      uploadMs: this.#timeouts.uploadMs,
      user: () => this.#chromium?.user ?? null,
    })
  }

  async open(): Promise<void> {
    try {
      await this.#startedOrEnded()
      this.#isOpen = true
    } catch (error) {
      const wasLoggedOut = this.#end === 'logged_out'
      const trouble = this.#forwarder?.trouble ?? null
      await this.close()
      if (wasLoggedOut) return
      if (trouble === null || !(error instanceof WhatsAppUnreachable)) throw error
      throw new ClientFailed({ kind: trouble, detail: 'while WhatsApp Web was loaded' })
    }
  }

  async requestPairingCode(phoneNumber: string): Promise<PairingCode> {
    return await this.#calls.call('pairing code', async (opened) => {
      await mustHave(opened.kit, 'pairing by code', OperationRefused)
      return await opened.pairingCodes.ask(phoneNumber)
    })
  }

  async resolveNumber(digits: string): Promise<ResolvedChat | null> {
    return await this.#numbers.resolve(digits)
  }

  async isNewChat(chatId: string): Promise<boolean> {
    return await this.#calls.callUsable('look at a chat', ({ kit }) => kit.call('isNewChat', chatId))
  }

  knowsNumber(digits: string): boolean {
    return this.#numbers.knows(digits)
  }

  async perform<N extends PageOperationName>(
    name: N,
    input: OperationInput<N>,
    deadline: number,
  ): Promise<PageOutput<N>> {
    const leftMs = () => Math.max(1, deadline - Date.now())
    const late = () => {
      throw new OperationRefused('worker_timeout', 'The page did not become usable in time.')
    }
    await pTimeout(this.#calls.becomesUsable(), { milliseconds: leftMs(), fallback: late })
    const { media } = input as { media?: Media }
    const answer =
      media && 'upload' in media
        ? await this.#files.perform(media.upload, deadline, ({ kit }, path) =>
            kit.performOnFile(path, name, input, deadline),
          )
        : await this.#calls.call(
            name,
            ({ kit }) => kit.call('performOperation', name, input as Record<string, unknown>, deadline),
            leftMs(),
          )
    if ('output' in answer) return answer.output as PageOutput<N>
    if ('refused' in answer) throw new OperationRefused(answer.refused, answer.detail)
    if ('pending' in answer) throw new PageUnresponsive(`${name}: the page did not show it in time`)
    if ('threw' in answer)
      throw new OperationRefused(changesSomething(name) ? 'not_confirmed' : 'worker_failed', answer.threw)
    throw new OperationRefused('not_available_in_this_page', lackOf(answer.lacks))
  }

  reach(): void {
    this.#signOfLife.fresh().catch(() => {})
  }

  async fetchLinkPreview(message: Pick<OutgoingMessage, 'messageId' | 'previewOf'>): Promise<void> {
    await this.#sender.fetchLinkPreview(message)
  }

  async prepareMedia(
    message: Pick<OutgoingMessage, 'messageId' | 'chatId' | 'media'>,
    onSent?: (sentBytes: number) => void,
  ): Promise<void> {
    await this.#files.prepare(message, onSent)
  }

  async fetchMedia(messageId: string, deadline: number): Promise<OperationOutput<'message.media'>> {
    return await this.#files.fetch(messageId, deadline)
  }

  get movesFile(): boolean {
    return this.#files.isBusy
  }

  async discardMedia(messageId: string): Promise<void> {
    await this.#calls.call('discard a file', ({ kit }) => kit.discardMedia(messageId))
  }

  async send(message: OutgoingMessage): Promise<SentMessage> {
    return await this.#sender.send(message)
  }

  async showState(chatId: string, state: ChatState): Promise<void> {
    await this.#calls.call('typing', ({ kit }) => kit.call('showState', chatId, state))
  }

  async findOutcome(messageId: string, chatId?: string): Promise<FoundMessage> {
    const found = await this.#calls.callUsable('look-up', ({ kit }) =>
      kit.call('findOutcome', messageId, chatId ?? null),
    )
    if (!found) return { found: 'absent' }
    const { ack, messageId: fullId } = found
    if (ack < 0) return { found: 'refused', messageId: fullId }
    const state = stateOfAck(ack)
    return state ? { found: 'acked', state, messageId: fullId } : { found: 'pending', messageId: fullId }
  }

  async readAcks(fullIds: readonly string[]): Promise<{ messageId: string; state: AckedState }[]> {
    const acks = await this.#calls.callUsable('look-up', ({ kit }) => kit.call('readAcks', fullIds))
    return acks.flatMap(({ id: messageId, ack }) => {
      const state = stateOfAck(ack)
      return state === null ? [] : [{ messageId, state }]
    })
  }

  async collectMissed(since: MissedSince): Promise<PageMessageFacts[]> {
    const work = ({ kit }: OpenedPage) => kit.call('collectMissed', since)
    return await this.#calls.callUsable('look for missed messages', work, () => COLLECT_MS)
  }

  async probe(): Promise<string> {
    return await this.#calls.call('probe', ({ kit }) => kit.call('roundTrip'))
  }

  async letGoOfMemory(): Promise<void> {
    await this.#calls.call('garbage collection', ({ kit }) => kit.collectGarbage())
  }

  async screenshot(): Promise<Buffer> {
    return await this.#calls.call('screenshot', async ({ page }) =>
      Buffer.from(await page.screenshot({ type: 'png' })),
    )
  }

  async logout(): Promise<void> {
    this.#isLeaving = true
    await this.#calls.call('logout', ({ kit }) => kit.call('logOut'))
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  kill(): void {
    this.#endAs('closed')
    this.#chromium?.kill()
  }

  /** @throws ClientFailed where the browser or the page went away, and whatever else the start throws */
  async #startedOrEnded(): Promise<void> {
    try {
      await Promise.race([this.#start(), this.#calls.ended])
    } catch (error) {
      if (!isPageGone(error)) throw error
      // Where its browser dies the pipe breaks a moment before it is known what ended, which says more.
      const message = new ClientFailed({
        kind: 'page_crashed',
        detail: 'the page went away while it was opened',
      })
      await pTimeout(this.#calls.ended, { milliseconds: END_KNOWN_WITHIN_MS, message })
    }
  }

  async #start(): Promise<void> {
    const { onBrowserPid, loadLibraries } = this.#options
    const proxyPort = await this.#openForwarder()
    if (this.#end) {
      // It was closed while the proxy was tried.
      this.#forwarder?.close()
      throw closedAs(this.#end)
    }
    const chromium = launchChromium({ ...this.#options, proxyPort })
    this.#chromium = chromium
    if (chromium.pid !== undefined) onBrowserPid(chromium.pid)
    const libraries = loadLibraries()
    const browser = await chromium.connect(libraries.connect, this.#timeouts.launchMs)
    void chromium.exited.then(({ code, signal }) =>
      this.#fail({ kind: 'browser_gone', detail: `Chromium ended: ${code ?? signal}` }),
    )
    this.#stock = libraries.createStockClient()
    const opened = await OpenedPage.of({
      browser,
      stock: this.#stock,
      library: libraries.version,
      timeouts: this.#timeouts,
      events: this.events,
      onUsable: (usable) => this.#calls.setUsable(usable),
      onFault: (fault) => this.#fail(fault),
      onLoggedOut: () => this.#loggedOut(),
      onReloaded: () => void (this.#end || this.#isLeaving || this.events.emit('reloaded')),
    })
    if (this.#end) return opened.stop()
    this.#calls.open(opened)
    await opened.load()
  }

  /** @returns its port; null where there is no proxy to be gone through. @throws ClientFailed */
  async #openForwarder(): Promise<number | null> {
    const { proxy, chromiumArgs, logger } = this.#options
    if (!proxy) return null
    const onTrouble = (trouble: ProxyTrouble | null) => void (this.#end || this.events.emit('proxy', trouble))
    try {
      this.#forwarder = await ProxyForwarder.open({
        proxy,
        rules: resolverRules(chromiumArgs),
        onTrouble,
        logger,
      })
    } catch (error) {
      if (!(error instanceof ProxyFailed)) throw error
      throw new ClientFailed({ kind: error.trouble, detail: error.message })
    }
    return this.#forwarder.port
  }

  async #askNumber(digits: string): Promise<ResolvedChat | null> {
    return await this.#calls.callUsable('number query', async ({ kit }) => {
      try {
        const chat = await this.#stock?.getNumberId(digits)
        if (!chat) return null
        const lid = await kit.call('lidOf', chat._serialized)
        return { chatId: chat._serialized, ...(lid && { lid }) }
      } catch (error) {
        await mustHave(kit, 'sending to a number', OperationRefused)
        throw error
      }
    })
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
  #endAs(end: End, error: Error = closedAs(end)): boolean {
    if (this.#end) return false
    this.#end = end
    this.#calls.opened?.stop()
    this.#calls.end(end, error)
    return true
  }

  async #close(): Promise<void> {
    this.#endAs('closed')
    const chromium = this.#chromium
    this.#forwarder?.close()
    if (!chromium) return
    await chromium.close(this.#stock?.pupBrowser, this.#timeouts.closeMs)
    this.#options.onBrowserPid(null)
  }
}

function closedAs(end: End): ClientClosed {
  return new ClientClosed(`The client has ended: ${end}.`)
}
