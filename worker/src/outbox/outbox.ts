import type { Logger } from '@wsg/shared/logger.ts'
import type { AckedState } from '@wsg/shared/messages/message-lifecycle.ts'
import type { Pacing } from '@wsg/shared/messages/pacing.ts'
import type { QueuedMessage } from '@wsg/shared/redis/message/read-queue.ts'
import type { Happening } from '@wsg/shared/sessions/session-history.ts'
import type { SessionFields } from '@wsg/shared/sessions/session-view.ts'
import type { Tracer } from '@wsg/shared/tracing/tracer.ts'
import { Gate } from '../gate.ts'
import { type Fence, FenceClosed } from '../lease/fence.ts'
import type { HeavyMessage } from '../session/ending.ts'
import type { SessionNotifications } from '../session-notifications.ts'
import type { ResolvedChat, SendFailure, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import { AckTracker } from './ack-tracker.ts'
import { type AckLimits, AckWatch } from './ack-watch.ts'
import { ChatLanes } from './chat-lanes.ts'
import { Delivery } from './delivery.ts'
import { DeliveryAttempts, type Sendable } from './delivery-attempts.ts'
import { Dispatcher } from './dispatcher.ts'
import type { MessageLog } from './message-log.ts'
import { NewChats } from './new-chats.ts'
import { Preparation } from './preparation.ts'
import { QueueReader } from './queue-reader.ts'
import { QueueSettings } from './queue-settings.ts'
import { RecipientResolver, type Refusal } from './recipient-resolver.ts'
import { recoverSends } from './recover-sends.ts'
import { UrgentMessages } from './urgent-messages.ts'

/** How often acks and settings are looked after while something is to be sent. */
const LOOK_EVERY_MS = 1_000
/** The page is dead: every call to it ends at once, and Redis answers or does not. */
const ABANDON_LIMIT_MS = 1_000

export interface OutboxOptions {
  sessionId: string
  client: WhatsAppClient
  /** Digits of the account that is logged in. */
  account: string
  /** When it was paired with the session, epoch ms. */
  pairedAt: number
  messages: MessageLog
  notifications: SessionNotifications
  fence: Fence
  /** In force where the session changes nothing of it. */
  pacing: Pacing
  ackLimits: AckLimits
  heavy: HeavyMessage | null
  /** The owner before went over its memory limit. */
  afterMemoryFault: boolean
  resendAfterCrash: 'never' | 'same-id'
  tracer: Tracer | null
  /** Publishes what there is to say about the session. */
  report(fields: SessionFields, happened?: Happening): void
  /** The client did not do what it must: this ownership has to end as a fault. */
  onClientSuspect(detail: string): void
  /** What was handed over may leave after its deadline: the browser has to end in this turn. */
  onMayLeaveLate(): void
  /** Sends stay without an ack: another browser may do better. @param restarts how many were tried in a row before */
  onUnacked(detail: string, restarts: number): void
  logger: Logger
}

/**
 * The way of a message of one session from its queue to WhatsApp's ack:
 *
 * 1. *Queue*: messages are taken up in the order of the queue, a bounded number ahead; urgent ones come in front.
 * 2. *Recipient*: the number is looked up. Look-ups run side by side.
 * 3. *Order*: the message enters its chat's lane, when all that were taken up before it have entered theirs, because two
 *    numbers may turn out to be one chat. There it waits until everything before it has its outcome.
 * 4. *Pacing*: at the head of its lane it waits until it may go, and is prepared: shown as being typed, its link preview
 *    fetched.
 * 5. *Delivery*: its intent is written, the page takes it over, and the server's ack is awaited.
 *
 * A new owner first settles what its predecessor was handing over. Nothing has to be given back when an ownership ends:
 * what was not begun is in the queue as before.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #connected = new Gate()
  /** The page has all that sending needs. */
  readonly #able = new Gate()
  readonly #queue: QueueReader
  readonly #urgent: UrgentMessages
  readonly #recipients: RecipientResolver
  readonly #lanes = new ChatLanes()
  readonly #settings: QueueSettings
  readonly #newChats: NewChats
  readonly #dispatcher: Dispatcher
  readonly #preparation: Preparation
  readonly #delivery: Delivery
  readonly #attempts: DeliveryAttempts
  readonly #acks: AckTracker
  readonly #ackWatch: AckWatch
  readonly #timer: NodeJS.Timeout
  /** Settles when everything that was taken up so far has entered its lane. */
  #entered: Promise<void> = Promise.resolve()
  #busyUntil = Number.POSITIVE_INFINITY
  #stopping = false

  constructor(options: OutboxOptions) {
    this.#options = options
    const { messages, pacing, ackLimits } = options
    const connected = this.#connected
    const able = this.#able
    const lanes = this.#lanes
    const settings = new QueueSettings({ ...options, defaults: pacing })
    const newChats = new NewChats({ ...options, settings })
    const queue = new QueueReader(messages, () => lanes.excess + newChats.held, connected)
    const recipients = new RecipientResolver({ ...options, lanes, connected })
    const onFailed = (error: unknown) => this.#failed(error, 'an ack could not be written')
    const acks = new AckTracker({ messages, onFailed })
    const ackWatch = new AckWatch({ ...options, acks, settings, limits: ackLimits })
    const dispatcher = new Dispatcher({ connected, able, settings, lanes, ackWatch })
    const preparation = new Preparation({ ...options, settings })
    const delivery = new Delivery({ ...options, acks })
    const stages = { recipients, newChats, dispatcher, preparation, delivery }
    this.#attempts = new DeliveryAttempts({ ...options, ...stages })
    this.#urgent = new UrgentMessages({ ...options, recipients, queue })
    this.#settings = settings
    this.#newChats = newChats
    this.#queue = queue
    this.#recipients = recipients
    this.#acks = acks
    this.#ackWatch = ackWatch
    this.#dispatcher = dispatcher
    this.#preparation = preparation
    this.#delivery = delivery
    this.#timer = setInterval(() => this.#everySecond(), LOOK_EVERY_MS)
    messages.onAcked = (ackedToday) => this.#settings.acked(ackedToday)
  }

  /** Begins to send. The client is ready. */
  async start(): Promise<void> {
    this.setConnected(true)
    try {
      await this.#able.opened()
      await this.#connected.opened()
      await this.#recover()
      this.#busyUntil = performance.now()
      await this.#readSettings()
      this.#listen()
      for await (const message of this.#queue.read()) this.#take(message)
    } catch (error) {
      this.#failed(error, 'messages could not be taken up')
    }
  }

  /** How long nothing has waited or been in flight, in ms; 0 while something is. */
  get idleMs(): number {
    if (this.#queue.size > 0 || this.#delivery.isBusy) return 0
    return Math.max(0, performance.now() - this.#busyUntil)
  }

  /** The message whose file is being brought into the page, the first of several; null for none. */
  get uploading(): string | null {
    return this.#preparation.uploading
  }

  /** True while a message that was handed over has no ack. */
  get hasUnacked(): boolean {
    return this.#acks.unacked().length > 0
  }

  /** While WhatsApp is not connected nothing new is handed over. */
  setConnected(connected: boolean): void {
    if (connected || this.#stopping) this.#connected.open()
    else this.#connected.shut()
    this.#ackWatch.setConnected(connected)
    this.#delivery.setConnected(connected)
    this.#dispatcher.dispatch()
  }

  /** While the page lacks what sending needs nothing is handed over; what was accepted waits. */
  setAble(able: boolean): void {
    if (able || this.#stopping) this.#able.open()
    else this.#able.shut()
    this.#dispatcher.dispatch()
  }

  ackArrived(messageId: string, state: AckedState): void {
    this.#acks.arrived(messageId, state)
    this.#newChats.acked(messageId)
    if (this.#ackWatch.check()) this.#dispatcher.dispatch()
  }

  sendFailed(messageId: string, failure: SendFailure): void {
    if (failure.kind === 'refused' && failure.code !== null) this.#newChats.refused(messageId, failure.code)
    this.#acks.failed(messageId, failure)
  }

  /** Takes no more, and waits up to `graceMs` for what is handed over. */
  async stop(graceMs: number): Promise<void> {
    this.#halt()
    await this.#delivery.settled(graceMs)
    await this.#acks.written()
  }

  /** Lets go of everything at once: the client is dead or somebody else may own the session. */
  async abandon(): Promise<void> {
    this.#halt()
    this.#acks.giveUp()
    // What was proven not to be sent goes back to `queued` while this is still its owner.
    await this.#delivery.settled(ABANDON_LIMIT_MS)
  }

  /** Recipient: the chat is looked up. Order: the message enters its chat's lane after all that were taken up before. */
  #take(message: QueuedMessage): void {
    const found = this.#findChat(message)
    this.#entered = this.#entered.then(async () => {
      const chat = await found
      // Whoever came later may be for the same chat, so that the others wait for the next owner.
      if (chat === 'undecided') return await never()
      if ('refused' in chat) return void this.#refuse(message, chat)
      this.#enterLane(message, chat, message.isUrgent)
      this.#queue.waits()
    })
  }

  async #findChat(message: QueuedMessage): Promise<ResolvedChat | Refusal | 'undecided'> {
    try {
      const [chat] = await Promise.all([this.#recipients.resolve(message), this.#settings.fresh()])
      return this.#stopping ? 'undecided' : chat
    } catch (error) {
      this.#failed(error, 'a number could not be looked up')
      return 'undecided'
    }
  }

  /** At the head of its lane the message is sent: pacing and delivery. */
  #enterLane(message: Sendable, chat: ResolvedChat, isUrgent = false): void {
    if (chat.lid !== undefined) this.#lanes.join(chat.chatId, chat.lid)
    const send = async () => {
      try {
        if (await this.#attempts.send(message, chat)) this.#done(message)
      } catch (error) {
        this.#failed(error, 'a message could not be handed over')
        // Its lane stays shut until the next owner: nothing may overtake a message whose outcome is open.
        await never()
      }
    }
    this.#lanes.enter(chat.chatId, send, isUrgent)
  }

  async #refuse(message: QueuedMessage, refusal: Refusal): Promise<void> {
    try {
      await this.#attempts.refuse(message, refusal)
      this.#done(message)
    } catch (error) {
      this.#failed(error, 'a refusal could not be written')
    }
  }

  #done({ id }: { id: string }): void {
    this.#queue.done(id)
    this.#newChats.done(id)
    this.#busyUntil = performance.now()
  }

  /** Finds out what became of what an earlier owner was handing over. What is sent again comes first in its chat. */
  async #recover(): Promise<void> {
    for (const { record, chat } of await recoverSends({ ...this.#options, acks: this.#acks }))
      this.#enterLane({ ...record, again: true }, chat)
  }

  #listen(): void {
    const { notifications } = this.#options
    notifications.on('message', () => this.#queue.lookAgain())
    notifications.on('urgent_message', () => {
      this.#queue.lookAgain()
      void this.#readSettings()
    })
    notifications.on('queue_settings', () => void this.#readSettings())
    notifications.on('subscribed', () => this.#queue.startOver())
  }

  /** Every second: acks that are missing, and settings while something is to be sent. */
  #everySecond(): void {
    if (this.#ackWatch.check()) this.#dispatcher.dispatch()
    void this.#delivery.askForOverdueAcks()
    if (this.#queue.size > 0 || this.#settings.isOfAnotherDay) void this.#readSettings('fresh')
  }

  async #readSettings(how: 'fresh' | 'refresh' = 'refresh'): Promise<void> {
    if (this.#stopping) return
    try {
      await this.#settings[how]()
    } catch (error) {
      return this.#failed(error, 'the settings of the queue could not be read')
    }
    this.#newChats.tryNext()
    this.#dispatcher.dispatch()
    this.#urgent.pull(this.#settings.urgent)
  }

  #halt(): void {
    this.#stopping = true
    clearInterval(this.#timer)
    this.#newChats.close()
    this.#dispatcher.close()
    this.#queue.close()
    this.#connected.open()
    this.#able.open()
  }

  /** A closed fence ends the whole process by itself; anything else is the client's fault. */
  #failed(error: unknown, what: string): void {
    if (error instanceof FenceClosed || this.#stopping) return
    this.#options.logger.error({ err: error }, what)
    this.#options.onClientSuspect(what)
  }
}

function never(): Promise<never> {
  return new Promise(() => {})
}
