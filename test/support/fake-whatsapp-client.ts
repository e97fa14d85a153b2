import { EventEmitter } from 'node:events'
import type { AckedState } from '@wsg/shared/messages/message-lifecycle.ts'
import { type OperationInput, type OperationOutput, operations } from '@wsg/shared/operations/operations.ts'
import {
  ClientClosed,
  NotHandedOver,
  PageGone,
  PageNotReached,
  PageUnresponsive,
  ProfileLocked,
  SendDeadlinePassed,
} from '@wsg/worker/src/whatsapp/client-errors.ts'
import type { MissedSince } from '@wsg/worker/src/whatsapp/page/collect-missed.ts'
import type { PageMessageFacts } from '@wsg/worker/src/whatsapp/page/describe-message.ts'
import type { PageOutput } from '@wsg/worker/src/whatsapp/page/operations/page-operation.ts'
import type { PageOperationName } from '@wsg/worker/src/whatsapp/page/operations/page-operations.ts'
import type {
  ChatState,
  ClientFault,
  FoundMessage,
  OutgoingMessage,
  PairingCode,
  ResolvedChat,
  SendFailure,
  WhatsAppClient,
  WhatsAppClientEvents,
} from '@wsg/worker/src/whatsapp/whatsapp-client.ts'

/** What one profile and WhatsApp's server remember, whichever client is open: it outlives crashes of a client. */
export class FakeWhatsApp {
  /** Digits of the paired account; null where the profile holds no login. */
  account: string | null = null
  /** Everything that was handed over, in that order, with repeats. */
  readonly handedOver: OutgoingMessage[] = []
  readonly outcomes = new Map<string, FoundMessage>()
  /** What the typing indicator showed, in that order. */
  readonly typed: { chatId: string; state: ChatState }[] = []
  /** Id parts of what others wrote to the account. */
  readonly received = new Set<string>()
  /** Chats in which somebody wrote to the account. */
  readonly chats = new Set<string>()
  /** What others wrote while nobody listened, in that order. */
  readonly missed: PageMessageFacts[] = []
  /** Answers to number queries; a number that is not named is on WhatsApp under its own digits. */
  readonly numbers = new Map<string, ResolvedChat | null>()
  /** The most browsers that were open on the profile at one time. */
  mostOpen = 0
  open = 0

  /** The server acks a message; whoever is open hears of it. */
  ack(messageId: string, state: AckedState = 'sent', client?: FakeWhatsAppClient): void {
    this.outcomes.set(messageId, { found: 'acked', state, messageId: this.fullId(messageId) })
    client?.hear('ack', messageId, state)
  }

  /** A message ends without an ack. */
  fail(messageId: string, failure: SendFailure, client?: FakeWhatsAppClient): void {
    const found = failure.kind === 'refused' ? 'refused' : 'pending'
    this.outcomes.set(messageId, { found, messageId: this.fullId(messageId) })
    client?.hear('sendFailed', messageId, failure)
  }

  bodies(chatId?: string): string[] {
    return this.handedOver
      .filter((text) => chatId === undefined || text.chatId === chatId)
      .map(({ body }) => body)
  }

  fullId(messageId: string): string {
    const message = this.handedOver.find((text) => text.messageId === messageId)
    return `true_${message?.chatId ?? '0@c.us'}_${messageId}`
  }
}

/**
 * A WhatsApp client without a browser, for the rules above the port. Every step can be scripted: replace a method,
 * or set what it answers. Unless told otherwise it logs in where the profile holds a login, shows a code where not,
 * and acks every message at once. The contract suite holds it to what the real one does.
 */
export class FakeWhatsAppClient implements WhatsAppClient {
  readonly events = new EventEmitter<WhatsAppClientEvents>()
  readonly whatsapp: FakeWhatsApp
  state: 'new' | 'open' | 'closed' | 'killed' = 'new'
  loggedOut = false
  movesFile = false
  /** How often it was asked to let go of memory. */
  lettingsGo = 0
  /** What happens with a message once the page has it. */
  onSend: (text: OutgoingMessage) => void | Promise<void> = (text) =>
    this.whatsapp.ack(text.messageId, 'sent', this)
  /** What happens before the page has it. */
  onHandOver: (text: OutgoingMessage) => void = () => {}
  onOpen: () => void | Promise<void> = () => {}
  onResolve: (digits: string) => void | Promise<void> = () => {}
  onLinkPreview: (messageId: string) => void | Promise<void> = () => {}
  /** May throw, as where a file cannot be uploaded. */
  onMedia: (messageId: string) => void | Promise<void> = () => {}
  /** What the file of a message is. */
  onFetchMedia: (messageId: string) => Promise<OperationOutput<'message.media'>> = async () =>
    operations['message.media'].example.output
  onTyping: (chatId: string, state: ChatState) => void | Promise<void> = () => {}
  /** What an operation answers in place of its example. */
  onPerform: (name: PageOperationName, input: unknown) => unknown = (name) => operations[name].example.output
  readonly #resolved = new Set<string>()
  /** Messages whose files are in the page. */
  readonly prepared = new Set<string>()
  #pairing: { phoneNumber: string; code: PairingCode } | null = null
  readonly #ended = Promise.withResolvers<never>()

  constructor(whatsapp: FakeWhatsApp = new FakeWhatsApp()) {
    this.whatsapp = whatsapp
    this.#ended.promise.catch(() => {})
  }

  async open(): Promise<void> {
    await this.onOpen()
    if (this.state !== 'new') throw new ClientClosed('the client was closed while it opened')
    if (this.whatsapp.open > 0) throw new ProfileLocked('another client is open on this profile')
    this.state = 'open'
    this.whatsapp.open += 1
    this.whatsapp.mostOpen = Math.max(this.whatsapp.mostOpen, this.whatsapp.open)
    const { account } = this.whatsapp
    setImmediate(() => (account === null ? this.showQr() : this.logIn(account)))
  }

  showQr(code = 'code-1', expiresAt = Date.now() + 20_000): void {
    this.hear('qr', code, expiresAt)
  }

  /** The scan of the code, or the login that was saved. */
  logIn(account: string): void {
    if (this.state !== 'open') return
    this.whatsapp.account = account
    this.hear('authenticated')
    this.hear('ready', { account, pushName: 'Tester' })
  }

  /** The phone unlinks this device. */
  unlink(): void {
    this.whatsapp.account = null
    this.#leave('closed')
    this.events.emit('loggedOut')
  }

  /** The browser crashes, or does whatever else a client does not recover from. */
  crash(kind: ClientFault['kind'] = 'browser_gone'): void {
    this.#leave('killed')
    this.events.emit('fault', { kind, detail: 'made by the test' })
  }

  /** WhatsApp says something to the client; nothing is heard any more once it ended. */
  hear<Name extends keyof WhatsAppClientEvents>(name: Name, ...args: WhatsAppClientEvents[Name]): void {
    if (this.state === 'open') (this.events as EventEmitter).emit(name, ...args)
  }

  async requestPairingCode(phoneNumber: string): Promise<PairingCode> {
    this.#check()
    const before = this.#pairing
    if (before?.phoneNumber === phoneNumber) return before.code
    const code = before === null ? 'ABCD1234' : 'EFGH5678'
    this.#pairing = {
      phoneNumber,
      code: { code, expiresAt: Date.now() + 60_000, replacesPrevious: before !== null },
    }
    return this.#pairing.code
  }

  knowsNumber(digits: string): boolean {
    return this.#resolved.has(digits)
  }

  async isNewChat(chatId: string): Promise<boolean> {
    this.#check()
    const { chats, handedOver, outcomes } = this.whatsapp
    const isTaken = (id: string) => outcomes.get(id)?.found === 'acked'
    return !chats.has(chatId) && !handedOver.some((sent) => sent.chatId === chatId && isTaken(sent.messageId))
  }

  async perform<N extends PageOperationName>(
    name: N,
    input: OperationInput<N>,
    deadline: number,
  ): Promise<PageOutput<N>> {
    this.#check()
    if (Date.now() > deadline) throw new PageUnresponsive('too late')
    return (await Promise.race([this.onPerform(name, input), this.#ended.promise])) as PageOutput<N>
  }

  async resolveNumber(digits: string): Promise<ResolvedChat | null> {
    await this.#call(() => this.onResolve(digits))
    this.#resolved.add(digits)
    const known = this.whatsapp.numbers.get(digits)
    return known === undefined ? { chatId: `${digits}@c.us` } : known
  }

  async send(message: OutgoingMessage): Promise<{ messageId: string; lid?: string }> {
    this.#check()
    if (Date.now() > message.deadline) throw new SendDeadlinePassed('too late')
    if (message.replyTo !== undefined && !this.#knows(message.replyTo))
      throw new NotHandedOver('quoted_message_not_found', 'there is no such message')
    this.onHandOver(message)
    if (message.media !== undefined && !this.prepared.has(message.messageId))
      throw new PageNotReached('its file is not in the page')
    const known = this.whatsapp.outcomes.get(message.messageId)
    if (known?.found === 'acked') {
      this.hear('ack', message.messageId, known.state)
      return { messageId: known.messageId }
    }
    this.whatsapp.handedOver.push(message)
    const fullId = this.whatsapp.fullId(message.messageId)
    this.whatsapp.outcomes.set(message.messageId, { found: 'pending', messageId: fullId })
    await this.#call(() => this.onSend(message))
    return { messageId: fullId }
  }

  reach(): void {}

  async fetchLinkPreview({ messageId }: Pick<OutgoingMessage, 'messageId'>): Promise<void> {
    await this.#call(() => this.onLinkPreview(messageId)).catch(() => {})
  }

  async prepareMedia({ messageId, media }: Pick<OutgoingMessage, 'messageId' | 'media'>): Promise<void> {
    if (media === undefined) return
    await this.#call(() => this.onMedia(messageId))
    this.prepared.add(messageId)
  }

  async discardMedia(messageId: string): Promise<void> {
    await this.#call(() => void this.prepared.delete(messageId))
  }

  async fetchMedia(messageId: string): Promise<OperationOutput<'message.media'>> {
    this.#check()
    return await Promise.race([this.onFetchMedia(messageId), this.#ended.promise])
  }

  async letGoOfMemory(): Promise<void> {
    await this.#call(() => {
      this.lettingsGo += 1
    })
  }

  async showState(chatId: string, state: ChatState): Promise<void> {
    await this.#call(() => this.onTyping(chatId, state))
    this.whatsapp.typed.push({ chatId, state })
  }

  async findOutcome(messageId: string): Promise<FoundMessage> {
    this.#check()
    return this.whatsapp.outcomes.get(messageId) ?? { found: 'absent' }
  }

  async readAcks(fullIds: readonly string[]): Promise<{ messageId: string; state: AckedState }[]> {
    this.#check()
    return fullIds.flatMap((fullId) => {
      const messageId = fullId.split('_')[2] ?? ''
      const known = this.whatsapp.outcomes.get(messageId)
      return known?.found === 'acked' ? [{ messageId, state: known.state }] : []
    })
  }

  async collectMissed({ base, seen, unreadable, limit }: MissedSince): Promise<PageMessageFacts[]> {
    this.#check()
    const isHeard = ({ chat, key, t }: PageMessageFacts) => {
      if (unreadable.includes(key)) return false
      const [at, ...keys] = (seen[chat.id] ?? String(base)).split(' ')
      return t < Number(at) || keys.includes(key)
    }
    return this.whatsapp.missed.filter((facts) => !isHeard(facts)).slice(0, limit)
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

  #knows(id: string): boolean {
    return this.whatsapp.received.has(id) || this.whatsapp.outcomes.has(id)
  }

  /** What is under way when the client ends is over, and nobody knows how far it came. */
  async #call(work: () => void | Promise<void>): Promise<void> {
    this.#check()
    await Promise.race([work(), this.#ended.promise])
  }

  #check(): void {
    if (this.state !== 'open') throw new ClientClosed('the client is closed')
  }

  #leave(state: 'closed' | 'killed'): void {
    if (this.state === 'open') this.whatsapp.open -= 1
    if (this.state === 'open' || this.state === 'new') this.state = state
    this.#ended.reject(new PageGone('the client ended before the page answered'))
  }
}
