import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import type { Span, Tracer } from '@wsg/shared/tracing/tracer.ts'
import { type Fence, FenceClosed } from '../lease/fence.ts'
import { ClientClosed, NotHandedOver, PageNotReached, SendDeadlinePassed } from '../whatsapp/client-errors.ts'
import type { LibraryMessage } from '../whatsapp/to-library/library-message.ts'
import type { ResolvedChat, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { AckTracker, AwaitedOutcome } from './ack-tracker.ts'
import type { Permit } from './dispatcher.ts'
import type { MessageLog } from './message-log.ts'

/** It may have been sent. Its record stays in `sending` until a new owner finds out. */
class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown'
}

export interface DeliveryOptions {
  client: WhatsAppClient
  sessionId: string
  messages: MessageLog
  acks: AckTracker
  fence: Fence
  /** What was handed over may leave after its deadline if the page lives on: it has to end in this turn. */
  onMayLeaveLate(): void
  /** Null where nothing is traced. */
  tracer: Tracer | null
  logger: Logger
}

/** How long before a deadline the page is ended, as that takes a moment too. */
const ENDS_BEFORE_MS = 250

export type DeliveryOutcome = 'settled' | 'late' | 'not_reached'

/** What a delivery needs of a message. */
export interface Deliverable {
  id: string
  /** What WhatsApp is given; its people are chat ids. */
  given: LibraryMessage
  replyTo?: string | null | undefined
  /** An earlier owner may have handed it over. */
  again?: boolean
  /** When an earlier owner last handed it over again, or was about to, epoch ms. */
  resentAt?: number | undefined
  /** When it was accepted (epoch ms), and in which trace. */
  acceptedAt: number
  traceparent?: string | null | undefined
}

interface InFlight {
  chatId: string
  permit: Permit
  ack: AwaitedOutcome
  /** Epoch ms. */
  deadline: number
}

/** What WhatsApp told about a message that it took. */
interface Taken {
  messageId?: string
  lid?: string
}

/**
 * Hands messages to WhatsApp and follows each to the server's ack. The intent is written before the page is touched, so
 * that whatever happens, a successor knows where to look.
 */
export class Delivery {
  readonly #options: DeliveryOptions
  readonly #inFlight = new Map<string, InFlight>()
  readonly #open = new Set<Promise<unknown>>()
  /** Of the messages that are delivered now, where they are traced. */
  readonly #spans = new Map<string, Span>()
  #isConnected = true
  #deadline: NodeJS.Timeout | undefined

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  /** True while the outcome of anything is open. */
  get isBusy(): boolean {
    return this.#open.size > 0
  }

  /**
   * Delivers a message: a queued one, or one whose intent an earlier owner wrote. The permit ends with it.
   * @returns `settled` where its record has its outcome, or it was not to be sent any more. Else WhatsApp certainly did not
   *   get it, and it is as it was before: `late` where the page had not got it ready in time, `not_reached` where it was not
   *   given to the page
   * @throws OutcomeUnknown; FenceClosed where the lease can no longer be counted on
   */
  deliver(message: Deliverable, chat: ResolvedChat, permit: Permit): Promise<DeliveryOutcome> {
    return this.#track(permit, () =>
      this.#traced(message, () =>
        message.again ? this.#resend(message, chat, permit) : this.#begin(message, chat, permit),
      ),
    )
  }

  /**
   * While WhatsApp is not connected, what has no ack waits in the page, which sends it (again) when it is connected. So at
   * the first deadline the page has to end.
   */
  setConnected(connected: boolean): void {
    this.#isConnected = connected
    this.#watchDeadlines()
  }

  /** Asks the page for acks that are overdue. Their messages hold up only their own chats from here on. */
  async askForOverdueAcks(): Promise<void> {
    const { acks, client, logger } = this.#options
    for (const { messageId, waitedMs } of acks.overdue()) {
      const handedOver = this.#inFlight.get(messageId)
      handedOver?.permit.free()
      logger.warn(
        { messageId, waitedMs: Math.round(waitedMs) },
        'a message has no ack; the page is asked for it',
      )
      const found = await client.findOutcome(messageId, handedOver?.chatId).catch(() => null)
      if (found?.found === 'acked') acks.arrived(messageId, found.state)
      if (found?.found === 'refused') acks.failed(messageId, { kind: 'refused', code: null })
    }
  }

  /** Resolves when nothing is open any more, or after `graceMs`. */
  async settled(graceMs: number): Promise<void> {
    await Promise.race([Promise.allSettled(this.#open), pause(graceMs, undefined, { ref: false })])
  }

  /** Makes a span of a delivery, where its message is traced, and one of the time in the queue before it. */
  async #traced(
    { id, acceptedAt, traceparent }: Deliverable,
    deliver: () => Promise<DeliveryOutcome>,
  ): Promise<DeliveryOutcome> {
    const { tracer, sessionId } = this.#options
    if (tracer === null || !traceparent) return await deliver()
    const about = { parent: traceparent, attributes: { 'wsg.session_id': sessionId, 'wsg.message_id': id } }
    tracer.start('queue', { ...about, kind: 'internal', startedAt: acceptedAt }).end()
    const span = tracer.start('send', { ...about, kind: 'consumer' })
    this.#spans.set(id, span)
    try {
      const outcome = await deliver()
      span.end(outcome === 'settled' ? {} : { failure: outcome })
      return outcome
    } catch (error) {
      span.end({ failure: (error as Error).name })
      throw error
    } finally {
      this.#spans.delete(id)
    }
  }

  async #begin(message: Deliverable, chat: ResolvedChat, permit: Permit): Promise<DeliveryOutcome> {
    const { messages, client } = this.#options
    client.reach()
    const intent = await messages.begin(message.id, chat)
    if (intent === 'not_queued') {
      permit.end(false)
      return 'settled'
    }
    const outcome = intent === 'unconfirmed' ? 'not_reached' : await this.#handOver(message, chat, permit)
    if (outcome !== 'settled') await messages.move(message.id, 'queued')
    return outcome
  }

  /** The record says so first: whoever dies in between leaves one that tells of a repetition too many, and never of one too few. */
  async #resend(message: Deliverable, chat: ResolvedChat, permit: Permit): Promise<DeliveryOutcome> {
    // A receipt may have come while it waited for its turn.
    if (!(await this.#options.messages.noteResent(message.id))) {
      permit.end(false)
      return 'settled'
    }
    return await this.#handOver(message, chat, permit)
  }

  async #handOver(message: Deliverable, chat: ResolvedChat, permit: Permit): Promise<DeliveryOutcome> {
    const ack = this.#options.acks.expect(message.id, message.again)
    const { fence } = this.#options
    try {
      let taken: Taken
      try {
        fence.check()
        const deadline = fence.deadline()
        this.#inFlight.set(message.id, { chatId: chat.chatId, permit, ack, deadline })
        if (!this.#isConnected) this.#watchDeadlines()
        taken = await this.#giveToPage(message, chat, deadline)
      } catch (error) {
        // An ack proves that it left, whatever the call said.
        if (ack.state === null) return await this.#notTaken(message, ack, error)
        taken = await this.#find(message.id, chat)
      }
      this.#spans.get(message.id)?.event('handed over')
      await ack.first
      this.#spans.get(message.id)?.event('ack')
      if (!(await ack.settle(taken))) throw new OutcomeUnknown('no ack of a message came')
      return 'settled'
    } finally {
      this.#inFlight.delete(message.id)
    }
  }

  async #giveToPage(
    { id, given, replyTo, again = false }: Deliverable,
    chat: ResolvedChat,
    deadline: number,
  ): Promise<Taken> {
    const { messageId, lid = chat.lid } = await this.#options.client.send({
      ...given,
      messageId: id,
      chatId: chat.chatId,
      ...(replyTo && { replyTo }),
      deadline,
      ...(again && { again }),
    })
    return { messageId, ...(lid !== undefined && { lid }) }
  }

  /** @throws OutcomeUnknown, FenceClosed */
  async #notTaken(
    { id, again, resentAt }: Deliverable,
    ack: AwaitedOutcome,
    error: unknown,
  ): Promise<DeliveryOutcome> {
    if (error instanceof FenceClosed) throw error
    const { messages } = this.#options
    const outcome = outcomeOf(error)
    if (outcome === null)
      throw new OutcomeUnknown('it is not known whether a message was handed over', { cause: error })
    ack.release()
    if (again) await messages.noteNotResent(id, resentAt)
    if (!(error instanceof NotHandedOver)) return outcome
    // That it is not sent now does not say that an earlier owner did not send it.
    if (again) await messages.move(id, 'unknown', { reason: 'outcome_unknown' })
    else await messages.move(id, 'failed', { reason: error.code, detail: error.message })
    return outcome
  }

  #watchDeadlines(): void {
    clearTimeout(this.#deadline)
    if (this.#isConnected) return
    const open = [...this.#inFlight.values()].filter(({ ack }) => ack.state === null)
    if (open.length === 0) return
    const leftMs = Math.min(...open.map(({ deadline }) => deadline)) - ENDS_BEFORE_MS - Date.now()
    if (leftMs <= 0) this.#options.onMayLeaveLate()
    else this.#deadline = setTimeout(() => this.#watchDeadlines(), leftMs).unref()
  }

  /** What the page knows of a message. */
  async #find(messageId: string, { chatId }: ResolvedChat): Promise<Taken> {
    const found = await this.#options.client.findOutcome(messageId, chatId).catch(() => null)
    return found === null || found.found === 'absent' ? {} : { messageId: found.messageId }
  }

  async #track<T>(permit: Permit, work: () => Promise<T>): Promise<T> {
    const open = work().finally(() => permit.end())
    this.#open.add(open)
    try {
      return await open
    } finally {
      this.#open.delete(open)
    }
  }
}

/** What is certain after an error of the hand-over; null where it may have been handed over. */
function outcomeOf(error: unknown): DeliveryOutcome | null {
  if (error instanceof SendDeadlinePassed) return 'late'
  if (error instanceof PageNotReached || error instanceof ClientClosed) return 'not_reached'
  return error instanceof NotHandedOver ? 'settled' : null
}
