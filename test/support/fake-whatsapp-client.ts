import { EventEmitter } from 'node:events'
import type { MessageState } from '@wsg/shared/message-lifecycle.ts'
import { ClientClosed, SendDeadlinePassed } from '@wsg/worker/src/whatsapp/client-errors.ts'
import type {
  FoundMessage,
  OutgoingText,
  ResolvedChat,
  WhatsAppClient,
  WhatsAppClientEvents,
} from '@wsg/worker/src/whatsapp/whatsapp-client.ts'

/** What one profile and WhatsApp's server remember, whichever client is open: it outlives crashes of a client. */
export class FakeWhatsApp {
  /** Digits of the paired account; null where the profile holds no login. */
  account: string | null = null
  /** Everything that was handed over, in that order, with repeats. */
  readonly handedOver: OutgoingText[] = []
  readonly outcomes = new Map<string, FoundMessage>()
  /** Answers to number queries; a number that is not named is on WhatsApp under its own digits. */
  readonly numbers = new Map<string, ResolvedChat | null>()
  /** The most browsers that were open on the profile at one time. */
  mostOpen = 0
  open = 0

  /** The server acks a message; whoever is open hears of it. */
  ack(messageId: string, state: MessageState = 'sent', client?: FakeWhatsAppClient): void {
    this.outcomes.set(messageId, { found: 'acked', state, messageId: fullId(messageId) })
    client?.events.emit('ack', messageId, state)
  }

  bodies(chatId?: string): string[] {
    return this.handedOver.filter((text) => chatId === undefined || text.chatId === chatId).map((t) => t.text)
  }
}

/**
 * A WhatsApp client without a browser, for the rules above the port. Every step can be scripted: replace a method,
 * or set what it answers. Unless told otherwise it logs in where the profile holds a login, shows a code where not,
 * and acks every message at once.
 */
export class FakeWhatsAppClient implements WhatsAppClient {
  readonly events = new EventEmitter<WhatsAppClientEvents>()
  readonly whatsapp: FakeWhatsApp
  state: 'new' | 'open' | 'closed' | 'killed' = 'new'
  loggedOut = false
  /** What happens with a message once the page has it. */
  onSend: (text: OutgoingText) => void | Promise<void> = (text) =>
    this.whatsapp.ack(text.messageId, 'sent', this)
  onOpen: () => void | Promise<void> = () => {}
  onResolve: (digits: string) => void | Promise<void> = () => {}

  constructor(whatsapp: FakeWhatsApp = new FakeWhatsApp()) {
    this.whatsapp = whatsapp
  }

  async open(): Promise<void> {
    await this.onOpen()
    this.state = 'open'
    this.whatsapp.open += 1
    this.whatsapp.mostOpen = Math.max(this.whatsapp.mostOpen, this.whatsapp.open)
    const { account } = this.whatsapp
    setImmediate(() => (account === null ? this.showQr() : this.logIn(account)))
  }

  showQr(code = 'code-1', expiresAt = Date.now() + 20_000): void {
    this.events.emit('qr', code, expiresAt)
  }

  /** The scan of the code, or the login that was saved. */
  logIn(account: string): void {
    if (this.state !== 'open') return
    this.whatsapp.account = account
    this.events.emit('authenticated')
    this.events.emit('ready', { account, pushName: 'Tester' })
  }

  /** The phone unlinks this device. */
  unlink(): void {
    this.whatsapp.account = null
    this.#leave('closed')
    this.events.emit('loggedOut')
  }

  /** The browser crashes. */
  crash(): void {
    this.#leave('killed')
    this.events.emit('fault', { kind: 'browser_gone', detail: 'crashed by the test' })
  }

  async requestPairingCode(): Promise<{ code: string; expiresAt: number }> {
    this.#check()
    return { code: 'ABCD1234', expiresAt: Date.now() + 60_000 }
  }

  async resolveNumber(digits: string): Promise<ResolvedChat | null> {
    this.#check()
    await this.onResolve(digits)
    this.#check()
    const known = this.whatsapp.numbers.get(digits)
    return known === undefined ? { chatId: `${digits}@c.us` } : known
  }

  async sendText(message: OutgoingText): Promise<{ messageId: string; lid?: string }> {
    this.#check()
    if (Date.now() > message.deadline) throw new SendDeadlinePassed('too late')
    this.whatsapp.handedOver.push(message)
    this.whatsapp.outcomes.set(message.messageId, { found: 'pending' })
    await this.onSend(message)
    return { messageId: fullId(message.messageId) }
  }

  async findOutcome(messageId: string): Promise<FoundMessage> {
    this.#check()
    return this.whatsapp.outcomes.get(messageId) ?? { found: 'absent' }
  }

  async probe(): Promise<string> {
    this.#check()
    return 'CONNECTED'
  }

  async screenshot(): Promise<Buffer> {
    this.#check()
    return Buffer.from('png')
  }

  async logout(): Promise<void> {
    this.#check()
    this.loggedOut = true
    this.whatsapp.account = null
  }

  async close(): Promise<void> {
    this.#leave('closed')
  }

  kill(): void {
    this.#leave('killed')
  }

  #check(): void {
    if (this.state !== 'open') throw new ClientClosed('the client is closed')
  }

  #leave(state: 'closed' | 'killed'): void {
    if (this.state === 'open') this.whatsapp.open -= 1
    if (this.state === 'open' || this.state === 'new') this.state = state
  }
}

function fullId(messageId: string): string {
  return `true_1@c.us_${messageId}`
}
