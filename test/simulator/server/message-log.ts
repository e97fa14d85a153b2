import type { MessageExtras, QuotedMessage, WireMessage } from '../wire.ts'
import { LinesFile } from './lines-file.ts'

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
  /** Copies that arrived on the wire, dropped ones included. */
  copies: number
  /** Copies that were handed to the addressee. */
  delivered: number
  pushName: string
  quoted?: QuotedMessage
  extras?: MessageExtras
}

type Line =
  | { kind: 'message'; message: LoggedMessage }
  | { kind: 'count'; key: string; ack: number; copies: number; delivered: number }
  | { kind: 'waits'; login: string; key: string }
  | { kind: 'taken'; login: string; key: string }

/** Older messages leave memory beyond this many; they stay in the files, but a repeat of them is no longer known. */
const KEPT_IN_MEMORY = 50_000

export const messageKey = (from: string, id: string): string => `${from}:${id}`

/** What the server knows of each message, and which login has yet to receive what. Survives a kill. */
export class MessageLog {
  readonly #file: LinesFile<Line>
  readonly #messages = new Map<string, LoggedMessage>()
  readonly #waiting = new Map<string, Set<string>>()

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

  count(message: LoggedMessage, change: Partial<Pick<LoggedMessage, 'ack' | 'copies' | 'delivered'>>): void {
    Object.assign(message, change)
    const { ack, copies, delivered } = message
    this.#file.append({ kind: 'count', key: messageKey(message.from, message.id), ack, copies, delivered })
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

  clear(): void {
    this.#file.clear()
    this.#messages.clear()
    this.#waiting.clear()
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
      const message = this.#messages.get(line.key)
      if (message) Object.assign(message, { ack: line.ack, copies: line.copies, delivered: line.delivered })
    } else {
      const waiting = this.#waiting.get(line.login) ?? new Set()
      this.#waiting.set(line.login, waiting)
      if (line.kind === 'waits') waiting.add(line.key)
      else waiting.delete(line.key)
    }
  }
}

export function toWire(message: LoggedMessage): WireMessage {
  const { id, from, to, body, type, at, ack, pushName, quoted, extras } = message
  const t = Math.floor(Date.parse(at) / 1000)
  return { id, from, to, body, type, t, ack, pushName, ...(quoted && { quoted }), ...(extras && { extras }) }
}
