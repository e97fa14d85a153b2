import type { Envelope } from '@wsg/shared/redis/message/read-queue.ts'
import type { Gate } from '../gate.ts'
import { FenceClosed } from '../lease/fence.ts'
import type { SessionNotifications } from '../session-notifications.ts'
import type { InOrderResolver } from './in-order-resolver.ts'
import type { MessageLog } from './message-log.ts'

/** Messages taken up ahead, so that numbers are looked up early and a slow chat does not hold up the others. */
const MAX_TAKEN = 200
/** Room for so many is waited for, so that a long queue is read in few round trips. */
const READ_AT_LEAST = 25
/** A wake can be lost: the queue is looked at so often without one. */
const LOOK_EVERY_MS = 5_000

export interface QueueReaderParts {
  notifications: SessionNotifications
  messages: Pick<MessageLog, 'waiting'>
  line: Pick<InOrderResolver<never>, 'ordinary' | 'has'>
  connected: Gate
  onMessage(envelope: Envelope): void
  /** A message has come, and is taken up next where there is room. */
  onArrival(isUrgent: boolean): void
}

/** Takes up the messages of one session in the order of its send queue, a bounded number ahead. */
export class QueueReader {
  readonly #parts: QueueReaderParts
  /** The place in the queue up to which all was taken up. */
  #after = 0
  #mayHaveMore = true
  #wake = Promise.withResolvers<void>()
  #running: Promise<void> | null = null
  #stopped = false

  constructor(parts: QueueReaderParts) {
    this.#parts = parts
  }

  start(): void {
    const { notifications } = this.#parts
    notifications.on('message', this.#messageCame)
    notifications.on('urgent_message', this.#urgentMessageCame)
    notifications.on('subscribed', this.#readFromHead)
    this.#running = this.#run()
  }

  /** There is room for another message. */
  roomMade(): void {
    if (this.#mayTake) this.#wake.resolve()
  }

  /** Takes no more. */
  halt(): void {
    this.#stopped = true
    const { notifications } = this.#parts
    notifications.off('message', this.#messageCame)
    notifications.off('urgent_message', this.#urgentMessageCame)
    notifications.off('subscribed', this.#readFromHead)
    this.#wake.resolve()
  }

  /** Resolves when no message is on its way any more. */
  async halted(): Promise<void> {
    this.halt()
    await this.#running
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stopped) {
        await this.#parts.connected.opened()
        if (this.#mayTake) await this.#takeUp()
        else await this.#untilWoken()
      }
    } catch (error) {
      // Whoever lost its lease ends by itself.
      if (!(error instanceof FenceClosed)) throw error
    }
  }

  get #room(): number {
    return MAX_TAKEN - this.#parts.line.ordinary
  }

  get #mayTake(): boolean {
    return this.#mayHaveMore && this.#room >= READ_AT_LEAST
  }

  readonly #messageCame = (): void => {
    this.#lookAgain()
    this.#parts.onArrival(false)
  }

  readonly #urgentMessageCame = (): void => {
    this.#lookAgain()
    this.#parts.onArrival(true)
  }

  /** It may be another Redis by now, with other places in the queue. */
  readonly #readFromHead = (): void => {
    this.#after = 0
    this.#lookAgain()
  }

  #lookAgain(): void {
    this.#mayHaveMore = true
    this.#wake.resolve()
  }

  async #takeUp(): Promise<void> {
    const { messages, line, onMessage } = this.#parts
    const limit = this.#room
    // Where nothing is taken up all that waits is behind nothing, wherever it got to.
    const after = line.ordinary === 0 ? 0 : this.#after
    this.#mayHaveMore = false
    const found = await messages.waiting({ after, limit })
    if (this.#stopped) return
    if (found.length === limit) this.#mayHaveMore = true
    for (const envelope of found) {
      this.#after = envelope.sequence
      if (!line.has(envelope.id)) onMessage(envelope)
    }
  }

  async #untilWoken(): Promise<void> {
    const overslept = setTimeout(() => this.#lookAgain(), LOOK_EVERY_MS)
    await this.#wake.promise
    clearTimeout(overslept)
    this.#wake = Promise.withResolvers()
  }
}
