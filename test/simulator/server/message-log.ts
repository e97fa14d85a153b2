import type { FrameFromServer, MessageExtras, QuotedMessage } from '../wire.ts'
import { LinesFile } from './lines-file.ts'
import type { NumberDirectory } from './number-directory.ts'

export interface LoggedMessage {
  id: string
  from: string
  to: string
  /** The chat id as the writer's page addressed it. */
  chatId: string
  body: string
  type: string
  /** ISO time of the first arrival at the server. */
  at: string
  ack: number
  /** The highest ack that comes by itself; missing until the server has taken the message. */
  due?: 2 | 3
  /** When each addressee's phone had it, and when he read it: unix times in seconds, by number. */
  receipts?: Record<string, { delivery?: number; read?: number }>
  /** Copies that arrived on the wire, dropped ones included. */
  copies: number
  /** Copies that were handed to the addressee. */
  delivered: number
  pushName: string
  quoted?: QuotedMessage
  extras?: MessageExtras
}

type Counts = Pick<LoggedMessage, 'ack' | 'due' | 'copies' | 'delivered' | 'receipts'>

type Line =
  | { kind: 'message'; message: LoggedMessage }
  | ({ kind: 'count'; key: string } & Counts)
  | { kind: 'waits'; login: string; key: string }
  | { kind: 'taken'; login: string; key: string }
  | { kind: 'receipt' | 'receipt-stored'; login: string; key: string; ack: number }

/** Older messages leave memory beyond this many; they stay in the files, but a repeat of them is no longer known. */
const KEPT_IN_MEMORY = 50_000

export const messageKey = (from: string, id: string): string => `${from}:${id}`

/** What the server knows of each message, and which login has yet to receive what. Survives a kill. */
export class MessageLog {
  readonly #file: LinesFile<Line>
  readonly #messages = new Map<string, LoggedMessage>()
  readonly #waiting = new Map<string, Set<string>>()
  /** The newest receipt of a message that the page of a login has not stored yet: by message key, per login. */
  readonly #receipts = new Map<string, Map<string, number>>()

  constructor(path: string) {
    this.#file = new LinesFile(path)
    for (const line of this.#file.read()) this.#apply(line)
  }

  get(key: string): LoggedMessage | undefined {
    return this.#messages.get(key)
  }

  all(): IterableIterator<LoggedMessage> {
    return this.#messages.values()
  }

  add(message: LoggedMessage): void {
    this.#write({ kind: 'message', message })
  }

  count(message: LoggedMessage, change: Partial<Counts>): void {
    Object.assign(message, change)
    const { ack, due, copies, delivered, receipts } = message
    const key = messageKey(message.from, message.id)
    const counts = { ack, copies, delivered, ...(due && { due }), ...(receipts && { receipts }) }
    this.#file.append({ kind: 'count', key, ...counts })
  }

  wait(login: string, key: string): void {
    this.#write({ kind: 'waits', login, key })
  }

  taken(login: string, key: string): void {
    if (this.#waiting.get(login)?.has(key)) this.#write({ kind: 'taken', login, key })
  }

  waitingFor(login: string): LoggedMessage[] {
    return [...(this.#waiting.get(login) ?? [])].flatMap((key) => this.#messages.get(key) ?? [])
  }

  /** A login is to hear that a message of its account has this ack (2 or 3). */
  receipt(login: string, key: string, ack: number): void {
    this.#write({ kind: 'receipt', login, key, ack })
  }

  receiptStored(login: string, key: string, ack: number): void {
    if (this.#receipts.get(login)?.has(key)) this.#write({ kind: 'receipt-stored', login, key, ack })
  }

  /** The receipts that the pages of a login have not stored yet. */
  receiptsFor(login: string): { message: LoggedMessage; ack: number }[] {
    return [...(this.#receipts.get(login) ?? [])].flatMap(([key, ack]) => {
      const message = this.#messages.get(key)
      return message ? [{ message, ack }] : []
    })
  }

  clear(): void {
    this.#file.clear()
    this.#messages.clear()
    this.#waiting.clear()
    this.#receipts.clear()
  }

  close(): void {
    this.#file.close()
  }

  #write(line: Line): void {
    this.#file.append(line)
    this.#apply(line)
  }

  #apply(line: Line): void {
    if (line.kind === 'message') {
      this.#messages.set(messageKey(line.message.from, line.message.id), line.message)
      if (this.#messages.size > KEPT_IN_MEMORY) {
        const [oldest] = this.#messages.keys()
        if (oldest !== undefined) this.#messages.delete(oldest)
      }
    } else if (line.kind === 'count') {
      const { kind: _, key, ...counts } = line
      Object.assign(this.#messages.get(key) ?? {}, counts)
    } else if (line.kind === 'receipt' || line.kind === 'receipt-stored') {
      const receipts = this.#receipts.get(line.login) ?? new Map<string, number>()
      this.#receipts.set(line.login, receipts)
      if (line.kind === 'receipt') receipts.set(line.key, line.ack)
      else if ((receipts.get(line.key) ?? 0) <= line.ack) receipts.delete(line.key)
    } else {
      const waiting = this.#waiting.get(line.login) ?? new Set()
      this.#waiting.set(line.login, waiting)
      if (line.kind === 'waits') waiting.add(line.key)
      else waiting.delete(line.key)
    }
  }
}

/** A message as a page gets it. */
export function messageFrame(
  message: LoggedMessage,
  directory: NumberDirectory,
  { offline }: { offline: boolean },
): Extract<FrameFromServer, { t: 'message' }> {
  const { id, from, to, body, type, at, ack, pushName, quoted, extras } = message
  const t = Math.floor(Date.parse(at) / 1000)
  return {
    t: 'message',
    message: {
      id,
      from,
      to,
      body,
      type,
      t,
      ack,
      pushName,
      ...(quoted && { quoted }),
      ...(extras && { extras }),
    },
    sender: directory.describe(from),
    ...(!to.includes('@') && { recipient: directory.describe(to) }),
    offline,
  }
}
