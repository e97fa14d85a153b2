import type { WebSocket } from 'ws'
import type { FrameFromPage, FrameFromServer, NumberedFrame, PageSettings, QueryName } from '../wire.ts'
import type { Account, Accounts } from './accounts.ts'
import { answerQuery } from './answer-query.ts'
import type { Calls } from './calls.ts'
import { type Channels, channelToWire } from './channels.ts'
import type { Delays } from './delays.ts'
import type { GroupOffice } from './group-office.ts'
import { type Groups, groupToWire } from './groups.ts'
import type { Labels } from './labels.ts'
import { lidOfNumber } from './lid-of-number.ts'
import type { MediaStore } from './media-store.ts'
import { type LoggedMessage, type MessageLog, messageFrame, messageKey } from './message-log.ts'
import type { NumberDirectory } from './number-directory.ts'
import type { OpenPages } from './open-pages.ts'
import type { Orders } from './orders.ts'
import type { Pairing } from './pairing.ts'
import type { PostOffice } from './post-office.ts'
import type { Profiles } from './profiles.ts'
import type { SettingsStore } from './settings-store.ts'
import type { Signals } from './signals.ts'

export interface ServerParts {
  settings: SettingsStore
  accounts: Accounts
  calls: Calls
  channels: Channels
  directory: NumberDirectory
  groups: Groups
  groupOffice: GroupOffice
  labels: Labels
  log: MessageLog
  media: MediaStore
  /** What the server had answered when a connection ended, by login and the number of the query. */
  lostAnswers: Map<string, FrameFromServer>
  orders: Orders
  pages: OpenPages
  pairing: Pairing
  postOffice: PostOffice
  profiles: Profiles
  delays: Delays
  signals: Signals
}

interface UnderWay {
  name: QueryName
  /** Lets it arrive, and be done, without an answer. */
  loseAnswer(): void
}

/** The offline messages and receipts come in so many parts, each followed by a word on how far that is. */
const OFFLINE_PARTS = 4

/** How long the control API waits for a page that neither answers nor ends its connection. */
const RECEIPT_LIMIT_MS = 10_000

/** One page's WebSocket, from hello to close: first unpaired and showing codes, or the device of an account. */
export class PageConnection {
  readonly #socket: WebSocket
  readonly #parts: ServerParts
  #account: Account | undefined
  #loginId: string | undefined
  #active = false
  #rotation: NodeJS.Timeout | undefined
  /** What the page was told last. A page that hangs handles nothing more, so nobody waits for it. */
  #hangPage: PageSettings['hangPage'] = 'no'
  #receipts = 0
  readonly #awaited = new Map<number, () => void>()
  /** What the page asks of the server and that has not arrived there, by its number. */
  readonly underWay = new Map<number, UnderWay>()
  readonly #closed = Promise.withResolvers<void>()

  constructor(socket: WebSocket, parts: ServerParts) {
    this.#socket = socket
    this.#parts = parts
    parts.pages.add(this)
    socket.on('message', (data) => this.#take(JSON.parse(String(data)) as FrameFromPage))
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      clearTimeout(this.#rotation)
      this.underWay.clear()
      parts.pages.remove(this)
      parts.pairing.forget(this)
      this.#closed.resolve()
    })
  }

  get account(): Account | undefined {
    return this.#account
  }

  get loginId(): string | undefined {
    return this.#loginId
  }

  send(frame: NumberedFrame): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#socket.send(JSON.stringify(frame))
    // A page that is frozen never takes another frame.
    if (frame.t === 'settings' && this.#hangPage !== 'frozen') this.#hangPage = frame.settings.hangPage
  }

  /** Sends a frame. Resolves when the page handles it, or when it never will: it went away, or it hangs. */
  async tell(frame: FrameFromServer): Promise<void> {
    const reachesWedged = frame.t === 'settings' || frame.t === 'mark' || frame.t === 'crash'
    const isHung = this.#hangPage === 'frozen' || (this.#hangPage === 'wedged' && !reachesWedged)
    if (isHung) return this.send(frame)
    const receipt = ++this.#receipts
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#awaited.set(receipt, resolve)
    this.send({ ...frame, receipt })
    await this.#orClosed(promise)
    this.#awaited.delete(receipt)
  }

  /** Resolves when the page has handled everything that was sent to it so far. */
  caughtUp(): Promise<void> {
    return this.tell({ t: 'mark' })
  }

  /** Sends a message, a group, the labels or a call, unless the page has not asked for messages yet: then it comes with the offline ones. */
  deliver(frame: Extract<FrameFromServer, { t: 'message' | 'group' | 'labels' | 'call' }>): void {
    if (this.#active) this.send(frame)
  }

  /** The server's answer to a message of this page. Said once: not where the connection is over by then. */
  answer(id: string, error?: number): void {
    this.send({
      t: 'ack',
      id,
      at: Math.floor(Date.now() / 1000),
      ...(error !== undefined && { error }),
    })
  }

  /** A message of this page's account was delivered or read. Comes with the offline ones as a message does. */
  receipt({ id, to, receipts = {} }: LoggedMessage, ack: number): void {
    const { directory } = this.#parts
    const people = Object.entries(receipts).map(([number, at]) => ({
      who: directory.describe(number),
      ...at,
    }))
    if (this.#active) this.send({ t: 'message.receipt', id, to, ack, people })
  }

  /** Links this page to an account, as a scan or a typed code does. */
  pair(account: Account): Promise<void> {
    clearTimeout(this.#rotation)
    this.#parts.pairing.forget(this)
    return this.tell({ t: 'paired', login: this.#parts.accounts.link(account) })
  }

  async conflict(): Promise<void> {
    await this.tell({ t: 'conflict' })
    this.#socket.close()
  }

  async loggedOut(): Promise<void> {
    await this.tell({ t: 'login.ended' })
    this.#socket.close()
  }

  /** What the page asks arrives, and its answers are lost with the connection, which is to end at once. */
  loseAnswers(): void {
    for (const { loseAnswer } of this.underWay.values()) loseAnswer()
    this.underWay.clear()
  }

  /** Resolves when the connection is over. */
  async drop(): Promise<void> {
    this.#socket.terminate()
    await this.#orClosed()
  }

  /** Makes the page end its document. Resolves when its connection is over. */
  async leave(how: 'crash' | 'reload'): Promise<void> {
    await this.tell({ t: how })
    if (this.#hangPage === 'no') await this.#orClosed()
  }

  #take(frame: FrameFromPage): void {
    const { accounts, calls, log, postOffice, signals } = this.#parts
    if (frame.t === 'hello') this.#hello(frame)
    else if (frame.t === 'active') this.#activate()
    else if (frame.t === 'qr.refresh') this.#showCodes()
    else if (frame.t === 'receipt') this.#awaited.get(frame.number)?.()
    else if (frame.t === 'query') answerQuery(this, this.#parts, frame)
    else if (!this.#account || !this.#loginId) return
    else if (frame.t === 'message') postOffice.fromPage(this.#account, this, frame)
    else if (frame.t === 'received') log.taken(this.#loginId, messageKey(frame.from, frame.id))
    else if (frame.t === 'receipts') {
      const { number } = this.#account
      for (const { id, ack } of frame.receipts) log.receiptStored(this.#loginId, messageKey(number, id), ack)
    } else if (frame.t === 'call.reject') calls.reject(this.#account.number, frame.id)
    else if (frame.t === 'archive') accounts.setArchived(this.#account, frame.chatId, frame.archived)
    else {
      signals.add(this.#account.number, frame)
      if (frame.t === 'read') postOffice.readAll(this.#account.number, frame.from, frame.ids)
    }
  }

  #hello({ login }: Extract<FrameFromPage, { t: 'hello' }>): void {
    const { accounts, log, pages, profiles, settings } = this.#parts
    const account = login && accounts.ofLogin(login)
    this.send({ t: 'settings', settings: settings.forPage(account?.number) })
    if (!account) {
      if (login) void this.loggedOut()
      else this.#showCodes()
      return
    }
    this.#account = account
    this.#loginId = login.id
    pages.claim(login.id, this)
    const { number, pushName, blocked } = account
    const addressBook = profiles.addressBookOf(number)
    const me = { number, lid: lidOfNumber(number), pushName, blocked, addressBook }
    this.send({ t: 'resumed', me, offline: log.waitingFor(login.id).length })
  }

  async #orClosed(awaited?: Promise<void>): Promise<void> {
    const limit = Promise.withResolvers<void>()
    const timer = setTimeout(limit.resolve, RECEIPT_LIMIT_MS)
    await Promise.race([this.#closed.promise, limit.promise, ...(awaited === undefined ? [] : [awaited])])
    clearTimeout(timer)
  }

  #activate(): void {
    const { channels, delays, directory, groups, labels, log, profiles, settings } = this.#parts
    if (!this.#loginId) return
    this.#active = true
    const number = this.#account?.number ?? ''
    for (const group of groups.ofMember(number))
      this.send({ t: 'group', group: groupToWire(group, directory) })
    for (const channel of channels.all().map((one) => channelToWire(one, number, profiles)))
      if (channel.role !== 'guest') this.send({ t: 'channel', channel })
    this.send({ t: 'labels', labels: labels.of(number) })
    const messages = log
      .waitingFor(this.#loginId)
      .map((message) => () => this.send(messageFrame(message, directory, { offline: true })))
    const receipts = log.receiptsFor(this.#loginId).map(
      ({ message, ack }) =>
        () =>
          this.receipt(message, ack),
    )
    const waiting = [...messages, ...receipts]
    const stepMs = Math.ceil(settings.current.offlineDeliveryMs / OFFLINE_PARTS)
    const step = (part: number) =>
      delays.after(stepMs, () => {
        const left = OFFLINE_PARTS - part
        for (const tell of waiting.splice(0, Math.ceil(waiting.length / (left + 1)))) tell()
        this.send({ t: 'offline', percent: (100 * part) / OFFLINE_PARTS })
        if (left > 0) step(part + 1)
      })
    step(1)
  }

  #showCodes(): void {
    let left = this.#parts.settings.current.qrCodesUntilIdle
    const next = () => {
      if (left === 0) {
        this.#parts.pairing.forget(this)
        this.send({ t: 'qr.idle' })
        return
      }
      left -= 1
      this.send({ t: 'qr', ref: this.#parts.pairing.newRef(this) })
      this.#rotation = setTimeout(next, this.#parts.settings.current.qrRotateMs)
    }
    clearTimeout(this.#rotation)
    next()
  }
}
