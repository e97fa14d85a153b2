import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import type { Pacing } from '@wsg/shared/messages/pacing.ts'
import type { QueueSettings } from '@wsg/shared/redis/session/queue-settings.ts'
import type { Happening } from '@wsg/shared/sessions/session-history.ts'
import type { SessionFields } from '@wsg/shared/sessions/session-view.ts'
import type { WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { AckTracker } from './ack-tracker.ts'
import type { ChatLanes } from './chat-lanes.ts'
import { Degradation } from './degradation.ts'
import { type Permit, Permits } from './permits.ts'
import { LatestQueueSettings } from './queue-settings.ts'
import { QueueWatch } from './queue-watch.ts'
import { stopTyping, typeFor } from './typing.ts'
import type { AckLimits } from './unacked-sends.ts'

/** Sends that were handed over and have no ack yet. More of them make the page slower, not faster. */
const MAX_IN_FLIGHT = 16

export interface DispatcherParts {
  client: WhatsAppClient
  acks: AckTracker
  lanes: ChatLanes
  /** What is in force where the session changes nothing. */
  pacing: Pacing
  ackLimits: AckLimits
  look(): Promise<QueueSettings>
  /** False where nothing waits to be sent: then nothing is looked at. */
  isBusy(): boolean
  /** The urgent messages that wait, at every look. */
  onUrgent(messageIds: readonly string[]): void
  /** Publishes what there is to say about the session. */
  report(fields: SessionFields, happened?: Happening): void
  onFailed(error: unknown, what: string): void
  /** Sends stay without an ack: another browser may do better. @param restarts how many were tried in a row before */
  onUnacked(detail: string, restarts: number): void
  logger: Logger
}

/**
 * When the head of a lane may be handed over: after the pause between two messages to one chat, when a turn is free,
 * urgent lanes first, as fast as the pacing allows, and not while the session is paused, not connected, held by its
 * daily cap, or in doubt.
 */
export class Dispatcher {
  readonly #parts: DispatcherParts
  readonly #orders: LatestQueueSettings
  readonly #watch: QueueWatch
  readonly #turns: Permits
  readonly #degradation: Degradation
  #isConnected = true
  #closed = false

  constructor(parts: DispatcherParts) {
    this.#parts = parts
    const { acks, client, look, report, isBusy, onUrgent, onFailed, onUnacked, logger } = parts
    this.#orders = new LatestQueueSettings({ defaults: parts.pacing, report, logger })
    const { pacer } = this.#orders
    this.#degradation = new Degradation({
      acks,
      probe: () => client.probe(),
      report,
      onSilent: () => onFailed(null, 'acks are missing and the page does not answer'),
      onUnacked: (detail) => onUnacked(detail, this.#orders.unackedRestarts),
      limits: parts.ackLimits,
      logger,
    })
    this.#turns = new Permits(MAX_IN_FLIGHT, {
      delayMs: (open) => (this.#isHeld(open) ? Number.POSITIVE_INFINITY : pacer.delayMs(open)),
      given: () => pacer.given(),
      unused: () => pacer.unused(),
    })
    this.#watch = new QueueWatch({
      look,
      onOrders: (orders) => {
        this.#orders.take(orders)
        onUrgent(orders.urgent)
        this.#turns.look()
      },
      tick: () => {
        if (this.#degradation.check()) this.#turns.look()
        return isBusy() || this.#orders.isOfAnotherDay
      },
      onFailed: (error) => onFailed(error, 'the queue could not be looked at'),
    })
  }

  /** Resolves when what is known of the queue is not older than a second. */
  async informed(): Promise<void> {
    await this.#watch.fresh()
  }

  /** Somebody changed what is known of the queue. Resolves when it holds. */
  async inform(): Promise<void> {
    await this.#watch.now()
  }

  /**
   * Waits until a message to a chat may be handed over, and shows that it is typed.
   * @param characters of its text
   * @returns null where nothing is to be handed over any more
   */
  async next(chatId: string, characters: number): Promise<Permit | null> {
    const { pacer } = this.#orders
    for (;;) {
      await this.#chatGap(chatId)
      const turn = await this.#turns.take(() => this.#parts.lanes.isUrgent(chatId))
      await typeFor(pacer.typingMs(characters), chatId, this.#parts)
      if (!this.#closed && !this.#isHeld(0)) return this.#noting(turn, chatId)
      turn.end(false)
      if (this.#closed) return null
      // It was paused while it was being typed.
      if (pacer.pacing.typingMs > 0) stopTyping(chatId, this.#parts)
    }
  }

  /** For what an earlier owner handed over: it counts, and waits for nothing. */
  alreadyTaken(): Permit {
    return this.#turns.alreadyTaken()
  }

  setConnected(connected: boolean): void {
    this.#isConnected = connected
    this.#degradation.setConnected(connected)
    this.#turns.look()
  }

  /** An ack arrived, of whatever message. */
  ackArrived(): void {
    if (this.#orders.unackedRestarts === 0 || !Number.isFinite(this.#parts.acks.lastFirstAt)) return
    this.#orders.forgetUnackedRestarts()
    this.#turns.look()
  }

  /** Another message of the account was acked. @param ackedToday with it, on this calendar day (UTC) */
  acked(ackedToday: number): void {
    this.#orders.acked(ackedToday)
  }

  /** Nothing goes any more. */
  close(): void {
    this.#closed = true
    this.#watch.stop()
    this.#turns.close()
  }

  /** The pause within a chat begins with the outcome of a message. */
  #noting(turn: Permit, chatId: string): Permit {
    let isOpen = true
    const end = (wasUsed = true) => {
      if (isOpen && wasUsed) this.#orders.pacer.wentTo(this.#parts.lanes.laneOf(chatId))
      isOpen = false
      turn.end(wasUsed)
    }
    return { ...turn, end }
  }

  #isHeld(open: number): boolean {
    if (this.#orders.isPaused || !this.#isConnected || this.#degradation.isOn) return true
    // Where the browser before got no ack this one first has to show that it does: one message is enough for that.
    return this.#orders.unackedRestarts > 0 && open > 0
  }

  async #chatGap(chatId: string): Promise<void> {
    const { pacer } = this.#orders
    const waitMs = () => pacer.chatDelayMs(this.#parts.lanes.laneOf(chatId))
    for (let ms = waitMs(); ms > 0; ms = waitMs()) await pause(Math.ceil(ms), undefined, { ref: false })
  }
}
