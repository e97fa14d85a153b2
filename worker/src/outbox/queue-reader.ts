import type { QueuedMessage } from '@wsg/shared/redis/message/read-queue.ts'
import type { Gate } from '../gate.ts'
import type { MessageLog } from './message-log.ts'

/** Messages taken up ahead, so that numbers are looked up early. */
const MAX_TAKEN = 200
/** The same with those that only wait behind many others of their own chat: a chat that is slow does not hold up the others. */
const MAX_TAKEN_IN_ALL = 2_000
/** Room for so many is waited for, so that a long queue is read in few round trips. */
const READ_AT_LEAST = 25
/** A notification can be lost: the queue is read so often without one. */
const READ_EVERY_MS = 5_000

/**
 * Takes up the messages of one session in the order of its send queue, a bounded number ahead. Urgent ones, and those
 * that an urgent one has to wait for, can be put in front.
 */
export class QueueReader {
  readonly #messages: Pick<MessageLog, 'readQueue'>
  readonly #connected: Gate
  readonly #uncounted: () => number
  /** Everything that was taken up and is not done yet; true where it was put in front. */
  readonly #taken = new Map<string, boolean>()
  readonly #front = new Map<string, QueuedMessage>()
  #inFront = 0
  /** The place in the queue up to which everything was taken up. */
  #after = 0
  #startedOver = false
  #mayHaveMore = true
  #wake = Promise.withResolvers<void>()
  #closed = false

  /**
   * @param uncounted how many of those that were taken up only wait for others, and take no room
   * @param connected nothing is taken up while it is shut
   */
  constructor(messages: Pick<MessageLog, 'readQueue'>, uncounted: () => number, connected: Gate) {
    this.#messages = messages
    this.#uncounted = uncounted
    this.#connected = connected
  }

  /** How many were taken up and are not done. */
  get size(): number {
    return this.#taken.size
  }

  /** How many of these were put in front. */
  get inFront(): number {
    return this.#inFront
  }

  /** Whether a message was taken up and is not done, or comes next. */
  has(messageId: string): boolean {
    return this.#taken.has(messageId) || this.#front.has(messageId)
  }

  /**
   * Each message once, until `close`. What was put in front comes as urgent.
   * @throws FenceClosed
   */
  async *read(): AsyncGenerator<QueuedMessage, void> {
    while (!this.#closed) {
      await this.#connected.opened()
      if (this.#front.size > 0) yield* this.#takeFront()
      else if (this.#mayRead) yield* this.#takeNext()
      else await this.#untilWoken()
    }
  }

  /** A message has come to the queue. */
  lookAgain(): void {
    this.#mayHaveMore = true
    this.#wake.resolve()
  }

  /** It may be another Redis by now, with other places in the queue. */
  startOver(): void {
    this.#after = 0
    this.#startedOver = true
    this.lookAgain()
  }

  /** Has these taken up next, in this order. */
  putInFront(messages: readonly QueuedMessage[]): void {
    for (const message of messages) this.#front.set(message.id, message)
    this.#wake.resolve()
  }

  /** A message that was taken up waits in its lane. Where that is long, there is room for another one. */
  waits(): void {
    if (this.#mayRead) this.#wake.resolve()
  }

  /** A message that was taken up has its outcome: there is room for another one. */
  done(messageId: string): void {
    if (this.#taken.get(messageId)) this.#inFront -= 1
    this.#taken.delete(messageId)
    if (this.#mayRead) this.#wake.resolve()
  }

  close(): void {
    this.#closed = true
    this.#wake.resolve()
  }

  get #room(): number {
    const ordinary = this.#taken.size - this.#inFront
    const counted = Math.max(0, ordinary - this.#uncounted())
    return Math.min(MAX_TAKEN - counted, MAX_TAKEN_IN_ALL - ordinary)
  }

  get #mayRead(): boolean {
    return this.#mayHaveMore && this.#room >= READ_AT_LEAST
  }

  *#takeFront(): Generator<QueuedMessage, void> {
    const front = [...this.#front.values()]
    this.#front.clear()
    for (const message of front) {
      if (this.#closed || this.#taken.has(message.id)) continue
      this.#taken.set(message.id, true)
      this.#inFront += 1
      yield { ...message, isUrgent: true }
    }
  }

  async *#takeNext(): AsyncGenerator<QueuedMessage, void> {
    const limit = this.#room
    // Where nothing is taken up, everything that waits is still to be read, wherever it stands in the queue.
    const after = this.#taken.size === this.#inFront ? 0 : this.#after
    this.#mayHaveMore = false
    this.#startedOver = false
    const found = await this.#messages.readQueue({ after, limit })
    if (found.length === limit) this.#mayHaveMore = true
    for (const message of found) {
      if (this.#closed) return
      if (!this.#startedOver) this.#after = message.sequence
      if (this.#taken.has(message.id)) continue
      this.#taken.set(message.id, false)
      yield message
    }
  }

  async #untilWoken(): Promise<void> {
    const late = setTimeout(() => this.lookAgain(), READ_EVERY_MS)
    await this.#wake.promise
    clearTimeout(late)
    this.#wake = Promise.withResolvers()
  }
}
