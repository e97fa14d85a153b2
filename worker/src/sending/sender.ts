import { setTimeout as pause } from 'node:timers/promises'
import type { MessageState } from '@wsg/shared/message-lifecycle.ts'
import type { MessageRecord } from '@wsg/shared/message-record.ts'
import { Gate } from '../gate.ts'
import { FenceClosed } from '../lease/fence.ts'
import type { SendJob, SendQueue } from '../queues/send-queue.ts'
import type { SendParts } from '../session/handlers/send-message.ts'
import type { ResolvedChat } from '../whatsapp/whatsapp-client.ts'
import { AckDesk } from './ack-desk.ts'
import { ChatLanes } from './chat-lanes.ts'
import { resolveEarlierSends } from './earlier-sends.ts'
import { HandOvers } from './hand-overs.ts'
import { resolveTarget } from './resolve-target.ts'
import { Slots } from './slots.ts'

/** Jobs taken from the queue, so that numbers are looked up ahead and a slow chat does not hold up the others. */
const MAX_TAKEN = 200
const MAX_LOOK_UPS = 8
const FETCH_AGAIN_AFTER_MS = 500
/** The page is dead: every call to it ends at once, and Redis answers or does not. */
const ABANDON_LIMIT_MS = 1_000

export interface SenderOptions extends Omit<SendParts, 'acks'> {
  jobs: SendQueue
  resendAfterCrash: 'never' | 'same-id'
  /** The client did not do what it must: this ownership has to end as a fault. */
  onClientSuspect(detail: string): void
}

interface Taken {
  job: SendJob
  /** From here on the record is in `sending` or beyond, and the job must not be put back. */
  begun: boolean
  giveBack(): void
}

/**
 * Takes the messages of one session from its queue to WhatsApp's ack, each chat in order.
 *
 * A message passes three places. In the *line*, which is the queue's order, its number is looked up; look-ups run
 * side by side, but nothing leaves the line before all that entered earlier has left, because two numbers may turn
 * out to be one chat. In its chat's *lane* it waits until everything before it has its outcome. At the head of its
 * lane it is *handed over*: the intent is written, the fence asked, the page called, the ack awaited.
 *
 * A new owner first settles what its predecessor was handing over and takes over its unfinished jobs, then fetches.
 */
export class Sender {
  readonly #options: SenderOptions
  readonly #acks: AckDesk
  readonly #handOvers: HandOvers
  readonly #lanes = new ChatLanes()
  readonly #window = new Slots(MAX_TAKEN)
  readonly #lookUps = new Slots(MAX_LOOK_UPS)
  readonly #connected = new Gate()
  /** In queue order. */
  readonly #taken = new Set<Taken>()
  #line: Promise<void> = Promise.resolve()
  #fetching: Promise<SendJob | null> | null = null
  #account = ''
  #stopping = false
  #busyUntil = Number.POSITIVE_INFINITY

  constructor(options: SenderOptions) {
    this.#options = options
    this.#acks = new AckDesk((messageId, state) => void this.#writeAck(messageId, state))
    this.#handOvers = new HandOvers({
      ...options,
      acks: this.#acks,
      onUndecided: () => this.#failed(null, 'a send did not return'),
    })
  }

  /** The client is ready under `account`. Resolves when fetching has begun. */
  async start(account: string): Promise<void> {
    const { jobs, messages } = this.#options
    this.#account = account
    this.#connected.open()
    try {
      await resolveEarlierSends({
        ...this.#options,
        account,
        acks: this.#acks,
        follow: (record, chat, ack, fullId) =>
          this.#enterLane(chat, () => this.#handOvers.follow(record, ack, fullId)),
        sendAgain: (record, chat) => this.#enterLane(chat, () => this.#sendAgain(record, chat)),
      })
      await jobs.recoverActive((ids) => messages.sequencesOf(ids))
    } catch (error) {
      return this.#failed(error, 'the outcome of earlier sends could not be found out')
    }
    this.#busyUntil = performance.now()
    if (!this.#stopping) void this.#fetchAll()
  }

  /** How long nothing has waited or been in flight, in ms; 0 while something is. */
  get idleMs(): number {
    if (this.#taken.size > 0 || this.#handOvers.isBusy) return 0
    return Math.max(0, performance.now() - this.#busyUntil)
  }

  /** While WhatsApp is not connected nothing new is handed over. */
  setConnected(connected: boolean): void {
    if (connected || this.#stopping) this.#connected.open()
    else this.#connected.shut()
  }

  ackArrived(messageId: string, state: MessageState): void {
    this.#acks.arrived(messageId, state)
  }

  /** Takes no more, waits up to `graceMs` for what is handed over, and puts the rest back in its order. */
  async stop(graceMs: number): Promise<void> {
    this.#halt()
    await this.#options.jobs.close()
    await this.#fetching?.catch(() => null)
    await this.#handOvers.settled(graceMs)
    for (const { job, begun } of [...this.#taken].reverse()) {
      // What cannot be put back stays active and is recovered by the next owner.
      if (!begun) await job.putBack().catch(() => {})
    }
  }

  /** Lets go of everything at once: the client is dead or somebody else may own the session. */
  async abandon(): Promise<void> {
    this.#halt()
    this.#acks.giveUp()
    // What was proven not to be sent goes back to `queued` while this is still its owner.
    await Promise.all([this.#options.jobs.close(), this.#handOvers.settled(ABANDON_LIMIT_MS)])
  }

  #halt(): void {
    this.#stopping = true
    this.#handOvers.stop()
    this.#connected.open()
  }

  async #fetchAll(): Promise<void> {
    while (!this.#stopping) {
      const giveBack = await this.#window.take()
      await this.#connected.opened()
      if (this.#stopping) return
      this.#fetching = this.#fetchOne(giveBack)
      await this.#fetching
    }
  }

  async #fetchOne(giveBack: () => void): Promise<SendJob | null> {
    try {
      const job = await this.#options.jobs.next()
      if (job === null) giveBack()
      else this.#takeIn({ job, begun: false, giveBack })
      return job
    } catch (err) {
      giveBack()
      this.#options.logger.warn({ err }, 'no job could be fetched; trying again')
      await pause(FETCH_AGAIN_AFTER_MS)
      return null
    }
  }

  #takeIn(taken: Taken): void {
    this.#taken.add(taken)
    const found = this.#findChat(taken).catch((error) => {
      this.#failed(error, 'a number could not be looked up')
      return 'undecided' as const
    })
    this.#line = this.#line.then(async () => {
      const chat = await found
      // Whoever came later may be for the same chat, so the line stands still until the next owner.
      if (chat === 'undecided') await new Promise(() => {})
      else if (chat === 'over') this.#finish(taken)
      else this.#enterLane(chat, () => this.#sendTaken(taken, chat))
    })
  }

  async #findChat({ job }: Taken): Promise<ResolvedChat | 'over' | 'undecided'> {
    const { messages, client, logger } = this.#options
    const record = await messages.read(job.messageId)
    if (record?.state !== 'queued') return 'over'
    const target = await resolveTarget(record, {
      client,
      account: this.#account,
      lookUps: this.#lookUps,
      connected: this.#connected,
      logger,
    })
    if (this.#stopping) return 'undecided'
    if ('chat' in target) return target.chat
    await messages.move(record.id, 'failed', { reason: target.refused })
    return 'over'
  }

  /** A task that fails keeps its lane shut: nothing may overtake a message whose outcome is open. */
  #enterLane(chat: ResolvedChat, task: () => Promise<void>): void {
    if (chat.lid !== undefined) this.#lanes.join(chat.chatId, chat.lid)
    this.#lanes.enter(chat.chatId, async () => {
      try {
        await task()
      } catch (error) {
        this.#failed(error, 'a message could not be handed over')
        await new Promise(() => {})
      }
    })
  }

  async #sendTaken(taken: Taken, chat: ResolvedChat): Promise<void> {
    for (;;) {
      const free = await this.#handOvers.slot()
      await this.#connected.opened()
      if (this.#stopping) return free()
      taken.begun = true
      if (await this.#handOvers.begin(taken.job.messageId, chat, free)) return this.#finish(taken)
      taken.begun = false
    }
  }

  async #sendAgain(record: MessageRecord, chat: ResolvedChat): Promise<void> {
    for (;;) {
      const free = await this.#handOvers.slot()
      await this.#connected.opened()
      if (this.#stopping) return free()
      if (await this.#handOvers.again(record, chat, free)) return
    }
  }

  #finish(taken: Taken): void {
    this.#taken.delete(taken)
    this.#busyUntil = performance.now()
    void taken.job.done().finally(() => taken.giveBack())
  }

  async #writeAck(messageId: string, state: MessageState): Promise<void> {
    try {
      await this.#options.messages.move(messageId, state, state === 'failed' ? { reason: 'send_failed' } : {})
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
