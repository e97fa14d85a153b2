import type { MessageState } from '@wsg/shared/messages/message-lifecycle.ts'
import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import { Gate } from '../gate.ts'
import { FenceClosed } from '../lease/fence.ts'
import type { ResolvedChat } from '../whatsapp/whatsapp-client.ts'
import { AckTracker } from './ack-tracker.ts'
import { ChatLanes } from './chat-lanes.ts'
import { Deliveries } from './deliveries.ts'
import { Dispatcher } from './dispatcher.ts'
import { InOrderResolver, type Taken } from './in-order-resolver.ts'
import { QueueReader } from './queue-reader.ts'
import { Receipts } from './receipts.ts'
import { RecipientResolver, type Route } from './recipient-resolver.ts'
import { recoverSends } from './recover-sends.ts'
import type { SenderOptions } from './sender-options.ts'
import { UrgentPull } from './urgent-pull.ts'

/** The page is dead: every call to it ends at once, and Redis answers or does not. */
const ABANDON_LIMIT_MS = 1_000

/** `undecided`: nothing may leave the line behind it, for it may be for any chat. */
type Found = Exclude<Route, { refused: unknown }> | 'undecided'

/**
 * Takes the messages of one session from its queue to WhatsApp's ack, each chat in order.
 *
 * A message passes four places. In the *line*, which is the queue's order but for urgent ones, its number is looked up;
 * look-ups run side by side, but nothing leaves the line before all that entered earlier has left, because two
 * numbers may turn out to be one chat. In its chat's *lane* it waits until everything before it has its outcome. At
 * the head of its lane it waits for its *departure* (`departures.ts`): urgent lanes first, as fast as the pacing
 * allows. Then it is *handed over*: the intent is written, the fence asked, the page called, the ack awaited.
 *
 * A new owner first settles what its predecessor was handing over, then takes up what waits. Nothing is to be given back
 * when an ownership ends: what was not begun is in the send queue as before.
 */
export class Sender {
  readonly #options: SenderOptions
  readonly #receipts: Receipts
  readonly #acks: AckTracker
  readonly #handOvers: Deliveries
  readonly #connected = new Gate()
  readonly #lanes = new ChatLanes()
  readonly #ways: RecipientResolver
  readonly #line: InOrderResolver<Found>
  readonly #intake: QueueReader
  readonly #urgent: UrgentPull
  readonly #departures: Dispatcher
  #account = ''
  #stopping = false
  #busyUntil = Number.POSITIVE_INFINITY

  constructor(options: SenderOptions) {
    this.#options = options
    const { messages, logger } = options
    this.#receipts = new Receipts(messages, (error) => this.#failed(error, 'receipts could not be written'))
    this.#acks = new AckTracker((messageId, state) => void this.#writeAck(messageId, state))
    this.#handOvers = new Deliveries({
      ...options,
      acks: this.#acks,
      onUndecided: () => this.#failed(null, 'a send did not return'),
    })
    this.#ways = new RecipientResolver({ ...options, lanes: this.#lanes, connected: this.#connected })
    this.#line = new InOrderResolver({
      find: (taken) => this.#find(taken),
      leave: (taken, found) => this.#leaveLine(taken, found),
    })
    this.#intake = new QueueReader({
      ...options,
      line: this.#line,
      connected: this.#connected,
      onMessage: (envelope) => this.#line.enter({ messageId: envelope.id, envelope, isPulled: false }),
      onArrival: (isUrgent) => {
        options.client.reach()
        if (isUrgent) void this.checkQueue()
      },
    })
    this.#urgent = new UrgentPull({
      messages,
      line: this.#line,
      logger,
      find: (messageId) => this.#ways.findById(messageId, this.#account),
      recipientsOf: (chat) => this.#ways.recipientsOf(chat),
    })
    this.#departures = new Dispatcher({
      ...options,
      acks: this.#acks,
      lanes: this.#lanes,
      look: () => messages.look(),
      isBusy: () => this.#line.size > 0,
      onUrgent: (ids) => this.#urgent.pull(ids),
      onFailed: (error, what) => this.#failed(error, what),
    })
    messages.onAcked = (ackedToday) => this.#departures.acked(ackedToday)
  }

  /** The client is ready under `account`. Resolves when what waits is being taken up. */
  async start(account: string): Promise<void> {
    this.#account = account
    this.setConnected(true)
    try {
      await recoverSends({
        ...this.#options,
        account,
        acks: this.#acks,
        follow: (record, chat, ack, fullId) => {
          const turn = this.#departures.alreadyTaken()
          this.#enterLane(chat, () => this.#handOvers.follow(record, ack, fullId, turn))
        },
        sendAgain: (record, chat) => this.#enterLane(chat, () => this.#sendAgain(record, chat)),
      })
    } catch (error) {
      return this.#failed(error, 'the outcome of earlier sends could not be found out')
    }
    this.#busyUntil = performance.now()
    await this.#departures.inform()
    if (!this.#stopping) this.#intake.start()
  }

  /** How long nothing has waited or been in flight, in ms; 0 while something is. */
  get idleMs(): number {
    if (this.#line.size > 0 || this.#handOvers.isBusy) return 0
    return Math.max(0, performance.now() - this.#busyUntil)
  }

  /** True while a message that was handed over has no ack. */
  get hasUnacked(): boolean {
    return this.#acks.unacked().length > 0
  }

  /** Somebody changed what this session is told about its queue. Resolves when it holds. */
  async checkQueue(): Promise<void> {
    await this.#departures.inform()
  }

  /** While WhatsApp is not connected nothing new is handed over. */
  setConnected(connected: boolean): void {
    if (connected || this.#stopping) this.#connected.open()
    else this.#connected.shut()
    this.#departures.setConnected(connected)
  }

  ackArrived(messageId: string, state: MessageState): void {
    this.#acks.arrived(messageId, state)
    this.#departures.ackArrived()
  }

  /** Takes no more, and waits up to `graceMs` for what is handed over. */
  async stop(graceMs: number): Promise<void> {
    this.#halt()
    await this.#intake.halted()
    await this.#handOvers.settled(graceMs)
    await this.#receipts.written()
  }

  /** Lets go of everything at once: the client is dead or somebody else may own the session. */
  async abandon(): Promise<void> {
    this.#halt()
    this.#acks.giveUp()
    // What was proven not to be sent goes back to `queued` while this is still its owner.
    await this.#handOvers.settled(ABANDON_LIMIT_MS)
  }

  #halt(): void {
    this.#stopping = true
    this.#departures.close()
    this.#handOvers.stop()
    this.#intake.halt()
    this.#connected.open()
  }

  async #find({ messageId, envelope }: Taken): Promise<Found> {
    try {
      const informed = this.#departures.informed()
      const way =
        envelope === null
          ? await this.#ways.findById(messageId, this.#account)
          : await this.#ways.find(envelope, this.#account)
      await informed
      if (this.#stopping) return 'undecided'
      if (way === 'over' || !('refused' in way)) return way
      await this.#options.messages.move(messageId, 'failed', { reason: way.refused })
      return 'over'
    } catch (error) {
      this.#failed(error, 'a number could not be looked up')
      return 'undecided'
    }
  }

  async #leaveLine(taken: Taken, found: Found): Promise<void> {
    // Whoever came later may be for the same chat, so the line stands still until the next owner.
    if (found === 'undecided') return await new Promise(() => {})
    if (found === 'over') return this.#finish(taken)
    const { chat, envelope } = found
    const send = () => this.#sendTaken(taken, chat, envelope.contentLength)
    this.#enterLane(chat, send, taken.isPulled || envelope.isUrgent)
  }

  /** A task that fails keeps its lane shut: nothing may overtake a message whose outcome is open. */
  #enterLane(chat: ResolvedChat, task: () => Promise<void>, isUrgent = false): void {
    if (chat.lid !== undefined) this.#lanes.join(chat.chatId, chat.lid)
    const run = async () => {
      try {
        await task()
      } catch (error) {
        this.#failed(error, 'a message could not be handed over')
        await new Promise(() => {})
      }
    }
    this.#lanes.enter(chat.chatId, run, isUrgent)
  }

  async #sendTaken(taken: Taken, chat: ResolvedChat, characters: number): Promise<void> {
    for (;;) {
      const turn = await this.#departures.next(chat.chatId, characters)
      if (turn === null) return
      if (await this.#handOvers.begin(taken.messageId, chat, turn)) return this.#finish(taken)
    }
  }

  async #sendAgain(record: MessageRecord, chat: ResolvedChat): Promise<void> {
    for (;;) {
      const turn = await this.#departures.next(chat.chatId, 0)
      if (turn === null || (await this.#handOvers.again(record, chat, turn))) return
    }
  }

  #finish(taken: Taken): void {
    this.#line.finish(taken)
    this.#intake.roomMade()
    this.#busyUntil = performance.now()
  }

  async #writeAck(messageId: string, state: MessageState): Promise<void> {
    if (state === 'queued' || state === 'sending') return
    if (state !== 'failed') return this.#receipts.add({ messageId, to: state })
    try {
      await this.#options.messages.move(messageId, state, { reason: 'send_failed' })
    } catch (error) {
      this.#failed(error, 'an ack could not be written')
    }
  }

  /** A closed fence ends the whole process by itself; anything else is the client's fault. */
  #failed(error: unknown, what: string): void {
    if (error instanceof FenceClosed || this.#stopping) return
    this.#options.logger.error({ err: error }, what)
    this.#options.onClientSuspect(what)
  }
}
