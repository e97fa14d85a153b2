import { randomBytes } from 'node:crypto'
import {
  type FrameFromPage,
  isAddOn,
  type MessageExtras,
  type Queries,
  type QuotedMessage,
  type WireMessage,
} from '../wire.ts'
import type { Account, Accounts } from './accounts.ts'
import type { Channels } from './channels.ts'
import type { Delays } from './delays.ts'
import { type Groups, refusalInGroup } from './groups.ts'
import type { Ledger } from './ledger.ts'
import { type LoggedMessage, type MessageLog, messageFrame, messageKey } from './message-log.ts'
import type { NumberDirectory } from './number-directory.ts'
import type { OpenPages } from './open-pages.ts'
import type { PageConnection } from './page-connection.ts'
import type { SettingsStore } from './settings-store.ts'

interface Parts {
  settings: SettingsStore
  accounts: Accounts
  directory: NumberDirectory
  log: MessageLog
  ledger: Ledger
  pages: OpenPages
  delays: Delays
  groups: Groups
  channels: Channels
}

export interface Letter {
  from: string
  to: string
  body: string
  id?: string
  chatId?: string
  pushName?: string
  type?: string
  quoted?: QuotedMessage
  extras?: MessageExtras
  /** ISO time at which it was written; now where absent. */
  at?: string
}

const STATUS = 'status@broadcast'

/** With what the server refuses a message to somebody who is not on WhatsApp. Believed: no report tells the number. */
const UNKNOWN_ADDRESSEE = 404

/** Takes messages in, hands them to the devices of both sides, and sends the acks. */
export class PostOffice {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Lets the receipts follow that were due when the simulator ended. */
  resume(): void {
    for (const message of this.#parts.log.all())
      if (message.due !== undefined && message.ack < message.due) this.#sendReceipts(message)
  }

  /** A message that arrived over the wire from a linked device, whose connection alone hears the server's answer. */
  fromPage(account: Account, page: PageConnection, frame: Extract<FrameFromPage, { t: 'message' }>): void {
    const { settings, directory, log, ledger } = this.#parts
    const group = this.#parts.groups.get(frame.chatId)
    const to = group?.id ?? (frame.chatId === STATUS ? STATUS : directory.numberOf(frame.chatId))
    if (to === undefined) {
      page.answer(frame.id, UNKNOWN_ADDRESSEE)
      return
    }
    const known = log.get(messageKey(account.number, frame.id))
    const copy = (known?.copies ?? 0) + 1
    const at = new Date().toISOString()
    const { id, chatId, body } = frame
    ledger.write({ at, account: account.number, to, chatId, id, body, copy })

    const refused = group ? refusalInGroup(account.number, group) : this.#refusalOf(to)
    const nack = settings.switchesOf(account.number).nacks?.[to] ?? refused
    if (nack !== undefined) {
      page.answer(id, nack)
      return
    }
    const letter = { from: account.number, to, body, id, chatId, type: frame.type }
    const message = known ?? this.#logged({ ...letter, ...carried(frame) }, at)
    if (known) log.count(known, { copies: copy })
    if (!known || !settings.current.dedupe) this.#handOver(message, page.loginId)
    this.#acknowledge(message, page)
  }

  /** A message written on a phone: of an account, whose devices get their copy, or of any other number. */
  fromPhone(letter: Letter): LoggedMessage {
    const message = this.#logged(letter, letter.at ?? new Date().toISOString())
    this.#handOver(message, undefined)
    this.#acknowledge(message)
    return message
  }

  /** What a channel's owner writes in it: taken over at once, and shown to nobody here. The same id is taken over once. */
  inChannel(
    from: string,
    { id: to, messageId: id, body, type, extras }: Queries['channel.send']['ask'],
  ): Queries['channel.send']['answer'] {
    const { ledger, log } = this.#parts
    const known = log.get(messageKey(from, id))
    const copy = (known?.copies ?? 0) + 1
    const at = new Date().toISOString()
    ledger.write({ at, account: from, to, chatId: to, id, body, copy })
    const message = known ?? this.#logged({ from, to, body, id, type, extras }, at)
    log.count(message, { copies: copy, ack: 1 })
    const inIt = [...log.all()].filter((one) => one.to === to)
    return { t: Math.floor(Date.parse(message.at) / 1000), serverId: 100 + inIt.indexOf(message) }
  }

  /** What was written in a channel, the oldest first. */
  posts(channelId: string): WireMessage[] {
    const { directory, log } = this.#parts
    return [...log.all()]
      .filter(({ to }) => to === channelId)
      .map((message) => messageFrame(message, directory, { offline: true }).message)
  }

  /** An addressee opened these messages of a writer: read at once, where read receipts are on. */
  readAll(reader: string, from: string, ids: string[]): void {
    if (!this.#parts.settings.current.readReceipts) return
    for (const id of ids) {
      const message = this.#parts.log.get(messageKey(from, id))
      if (message) this.#received(message, reader, 'read')
    }
  }

  #refusalOf(to: string): number | undefined {
    if (to === STATUS) return undefined
    const { registered, number } = this.#parts.directory.describe(to)
    return registered && number === to ? undefined : UNKNOWN_ADDRESSEE
  }

  #logged(letter: Letter, at: string): LoggedMessage {
    const { accounts, log } = this.#parts
    const message: LoggedMessage = {
      id: letter.id ?? `3A${randomBytes(9).toString('hex').toUpperCase()}`,
      from: letter.from,
      to: letter.to,
      chatId: letter.chatId ?? (letter.to.includes('@') ? letter.to : `${letter.to}@c.us`),
      body: letter.body,
      type: letter.type ?? 'chat',
      at,
      ack: 0,
      copies: 1,
      delivered: 0,
      pushName: letter.pushName ?? accounts.get(letter.from)?.pushName ?? `Number ${letter.from.slice(-4)}`,
      ...carried(letter),
    }
    log.add(message)
    return message
  }

  #handOver(message: LoggedMessage, originLogin: string | undefined): void {
    const { accounts, log, pages, settings } = this.#parts
    log.count(message, { delivered: message.delivered + 1 })
    const key = messageKey(message.from, message.id)
    const group = this.#parts.groups.get(message.to)
    const readers = group ? Object.keys(group.members) : this.#parts.channels.get(message.to)?.subscribers
    const numbers = new Set([...(readers ?? [message.to]), message.from])
    if (this.#isBlocked(message)) numbers.delete(message.to)
    for (const number of numbers) {
      for (const login of accounts.get(number)?.logins ?? []) {
        if (login.id === originLogin) continue
        log.wait(login.id, key)
        this.#push(login.id, message)
      }
    }
    pages.noticed(...numbers)
    const reply = settings.current.autoReply
    if (readers || isAddOn(message.type)) return
    if (reply !== null && !accounts.get(message.to) && accounts.get(message.from)) {
      const body = reply.replaceAll('{body}', message.body)
      this.#parts.delays.after(settings.current.deliveredAckDelayMs, () => {
        this.fromPhone({ from: message.to, to: message.from, body })
      })
    }
  }

  #push(loginId: string, message: LoggedMessage): void {
    const { pages, directory } = this.#parts
    pages.ofLogin(loginId)?.deliver(messageFrame(message, directory, { offline: false }))
  }

  /** Answers a message, on the connection on which it came, and lets its receipts follow, once. */
  #acknowledge(message: LoggedMessage, page?: PageConnection): void {
    const { settings, delays, log } = this.#parts
    const { noAck, serverAckDelayMs, readReceipts } = settings.current
    if (noAck) return
    delays.after(serverAckDelayMs, () => {
      const { lostAnswers = {} } = settings.switchesOf(message.from)
      if (!(message.to in lostAnswers)) page?.answer(message.id)
      if (message.due !== undefined) return
      log.count(message, { due: readReceipts ? 3 : 2 })
      log.count(message, { ack: Math.max(message.ack, 1) })
      this.#parts.pages.noticed(message.from, message.to)
      this.#sendReceipts(message)
    })
  }

  #isBlocked({ from, to }: LoggedMessage): boolean {
    return this.#parts.accounts.get(to)?.blocked.includes(from) === true
  }

  #sendReceipts(message: LoggedMessage): void {
    // Neither who is blocked by the addressee hears of receipts, nor who posts a status, as nobody here looks at it.
    if (message.to === STATUS || this.#isBlocked(message)) return
    const { settings, delays } = this.#parts
    const { deliveredAckDelayMs, readAckDelayMs, away } = settings.current
    for (const by of this.#addresseesOf(message).filter((number) => !away.includes(number)))
      delays.after(deliveredAckDelayMs, () => {
        this.#received(message, by, 'delivery')
        if (message.due === 3) delays.after(readAckDelayMs, () => this.#received(message, by, 'read'))
      })
  }

  #addresseesOf({ from, to }: LoggedMessage): string[] {
    const group = this.#parts.groups.get(to)
    return group ? Object.keys(group.members).filter((number) => number !== from) : [to]
  }

  /** An addressee's phone has a message, or he has read it. Its ack is what all of them have reached. */
  #received(message: LoggedMessage, by: string, what: 'delivery' | 'read'): void {
    const { accounts, log, pages, settings } = this.#parts
    const { receipts: before = {} } = message
    if (before[by]?.[what] !== undefined || settings.current.noAck) return
    const now = Math.floor(Date.now() / 1_000)
    const receipts = { ...before, [by]: { delivery: now, ...before[by], [what]: now } }
    const ackOf = (number: string) => (receipts[number]?.read ? 3 : receipts[number]?.delivery ? 2 : 1)
    const ack = Math.max(message.ack, Math.min(...this.#addresseesOf(message).map(ackOf)))
    log.count(message, { receipts, ack })
    for (const login of accounts.get(message.from)?.logins ?? []) {
      log.receipt(login.id, messageKey(message.from, message.id), ack)
      pages.ofLogin(login.id)?.receipt(message, ack)
    }
    pages.noticed(message.from, message.to)
  }
}

function carried(from: {
  quoted?: QuotedMessage
  extras?: MessageExtras
}): Pick<Letter, 'quoted' | 'extras'> {
  return { ...(from.quoted && { quoted: from.quoted }), ...(from.extras && { extras: from.extras }) }
}
