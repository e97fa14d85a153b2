import type { Logger } from '@wsg/shared/logger.ts'
import type { MessageState } from '@wsg/shared/messages/message-lifecycle.ts'
import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import { type Confirmations, NotReplicated } from '@wsg/shared/redis/connection/confirmations.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { listNewestFullIds, listSending, listWaiting } from '@wsg/shared/redis/message/message-lists.ts'
import {
  type MessageMove,
  MOVED_AT_ONCE,
  type MoveAnswer,
  moveMessage,
  moveMessages,
  type SettledMove,
} from '@wsg/shared/redis/message/move-message.ts'
import { noteNotResent, noteResent, noteSentBytes } from '@wsg/shared/redis/message/note-message.ts'
import { readMessage } from '@wsg/shared/redis/message/read-message.ts'
import { type QueuedMessage, readOlder, readQueue, readQueued } from '@wsg/shared/redis/message/read-queue.ts'
import type { LeaseToken } from '@wsg/shared/redis/session/lease.ts'
import { type QueueSettings, readQueueSettings } from '@wsg/shared/redis/session/queue-settings.ts'
import { ZodError } from 'zod'
import { type Fence, FenceClosed } from '../lease/fence.ts'
import { whileOwner } from '../lease/while-owner.ts'

export interface MessageLogOptions {
  redis: RedisClient
  confirmations: Pick<Confirmations, 'mark' | 'confirm'>
  sessionId: string
  token: LeaseToken
  fence: Fence
  retentionMs: number
  /** Whether the events of what is sent get its text. */
  withBodies: boolean
  logger: Logger
  /** Redis said that the lease is not ours any more. */
  onFenced(): void
}

/**
 * The message records of one session, as its owner reads and moves them: every move is fenced by the lease's token
 * and repeated until Redis answered, and until replicas confirmed it where they have to.
 */
export class MessageLog {
  readonly #options: MessageLogOptions
  /** Called with the account's acked messages of this day (UTC), whenever one is added. */
  onAcked: (ackedToday: number) => void = () => {}

  constructor(options: MessageLogOptions) {
    this.#options = options
  }

  /** What the owner has to know between two messages. */
  readSettings(): Promise<QueueSettings> {
    return this.#ask(readQueueSettings)
  }

  /** What waits in the send queue, in order, at most `limit`. @param place.after what is behind which place (sequence) */
  readQueue(place: { after: number; limit: number }): Promise<QueuedMessage[]> {
    return this.#ask((redis, session) => readQueue(redis, session, place))
  }

  /** @returns null where it does not wait any more */
  readQueued(messageId: string): Promise<QueuedMessage | null> {
    return this.#ask((redis, session) => readQueued(redis, session, messageId))
  }

  /** The messages to any of the recipients that were accepted before `sequence` and still wait, in order. */
  readOlder(request: { recipients: string[]; sequence: number; limit: number }): Promise<QueuedMessage[]> {
    return this.#ask((redis, session) => readOlder(redis, session, request))
  }

  /** The messages that an owner began to hand over and whose outcome was never written, in accepted order. */
  async sending(): Promise<MessageRecord[]> {
    const ids = await this.#ask(listSending)
    const records = await Promise.all(ids.map((id) => this.#read(id)))
    return records.filter((record) => record !== null).sort((a, b) => a.sequence - b.sequence)
  }

  /** WhatsApp's full ids of the messages that came to a state last, at most `limit`. What no page held has none. */
  async newestIn(state: MessageState, limit: number): Promise<string[]> {
    return await this.#ask((redis, session) => listNewestFullIds(redis, session, state, limit))
  }

  /** Says how much of its file WhatsApp has. Nobody waits for it, and what is lost the next word makes good. */
  noteSentBytes(id: string, sentBytes: number): void {
    const { redis, sessionId: session, token } = this.#options
    noteSentBytes(redis, { session, token, id, sentBytes }).catch(() => {})
  }

  /**
   * Says that a message is about to be handed over once more, so that nobody has to guess of which that is so. Replicas
   * have it before that, where they have to.
   * @returns false where its outcome is known by now
   * @throws FenceClosed
   */
  async noteResent(id: string): Promise<boolean> {
    const { token, confirmations } = this.#options
    const answer = await this.#ask(async (redis, session) => {
      const mark = confirmations.mark()
      const noted = await noteResent(redis, { session, token, id })
      if (noted === 'noted') await confirmations.confirm(mark)
      return noted
    })
    if (answer === 'fenced') throw this.#fenced()
    return answer === 'noted'
  }

  /** It certainly was not handed over once more. @param before when it was earlier, epoch ms @throws FenceClosed */
  async noteNotResent(id: string, before: number | undefined): Promise<void> {
    const { token } = this.#options
    const noted = { token, id, before }
    const isOurs = await this.#ask((redis, session) => noteNotResent(redis, { session, ...noted }))
    if (!isOurs) throw this.#fenced()
  }

  /** @returns null where the record is gone. One that cannot be read is called unknown, so that it holds up nothing. */
  async #read(messageId: string): Promise<MessageRecord | null> {
    const record = await this.#ask(async (redis, session) => {
      try {
        return await readMessage(redis, session, messageId)
      } catch (err) {
        // Reading it again would not help.
        if (err instanceof ZodError) return err
        throw err
      }
    })
    if (!(record instanceof ZodError)) return record
    this.#options.logger.error({ err: record, messageId }, 'a message record cannot be read')
    await this.move(messageId, 'unknown', { reason: 'outcome_unknown', detail: 'Its record cannot be read.' })
    return null
  }

  /** Cancels every message that still waits. Whoever waits for one of them is woken. */
  async cancelQueued(): Promise<void> {
    const all = { isDue: true, limit: Number.MAX_SAFE_INTEGER }
    const ids = await this.#ask((redis, session) => listWaiting(redis, session, all))
    for (let from = 0; from < ids.length; from += MOVED_AT_ONCE) {
      const some = ids.slice(from, from + MOVED_AT_ONCE)
      await this.moveMany(some.map((messageId) => ({ messageId, to: 'canceled' })))
    }
  }

  /** Calls every message unknown whose outcome nobody will find out any more, as its session is being removed. */
  async giveUpSending(): Promise<void> {
    for (const { id } of await this.sending()) await this.move(id, 'unknown', { reason: 'outcome_unknown' })
  }

  /**
   * Writes the intent to hand a message over.
   * @returns `not_queued` where it is not to be sent (canceled, expired, sent by an earlier owner); `unconfirmed` where it
   *   is in `sending` and a failover could undo that, so that it must not be sent
   */
  async begin(
    messageId: string,
    fields: { chatId: string; lid?: string },
  ): Promise<'begun' | 'not_queued' | 'unconfirmed'> {
    const { logger, confirmations } = this.#options
    const { answer, mark } = await this.#ask(async (_redis, _session, again) => ({
      mark: confirmations.mark(),
      // A first try that Redis carried out without our hearing of it left the state that is asked for.
      answer: await this.#move({
        messageId,
        to: 'sending',
        fields,
        ...(again ? { from: ['queued', 'sending'] } : {}),
      }),
    }))
    if (!answer.moved || answer.to !== 'sending') return 'not_queued'
    try {
      await confirmations.confirm(mark)
      return 'begun'
    } catch (err) {
      if (!(err instanceof NotReplicated)) throw err
      logger.warn({ err, messageId }, 'the intent to send was not confirmed by replicas')
      return 'unconfirmed'
    }
  }

  /** Moves a message on, where its lifecycle allows it. @returns whether it moved */
  async move(
    messageId: string,
    to: MessageState,
    fields: NonNullable<MessageMove['fields']> = {},
  ): Promise<boolean> {
    const { confirmations } = this.#options
    return await this.#ask(async (_redis, _session, again) => {
      const mark = confirmations.mark()
      const { moved } = await this.#move({ messageId, to, fields })
      // A repetition finds done what a first try did.
      if (moved || again) await confirmations.confirm(mark)
      return moved
    })
  }

  /** Moves messages on, each where its lifecycle allows it. */
  async moveMany(moves: readonly SettledMove[]): Promise<void> {
    const { token, retentionMs, withBodies, confirmations } = this.#options
    await this.#ask(async (redis, sessionId) => {
      const mark = confirmations.mark()
      const answer = await moveMessages(redis, { sessionId, token, retentionMs, withBodies, moves })
      if (answer === 'fenced') throw this.#fenced()
      if (answer.ackedToday > 0) this.onAcked(answer.ackedToday)
      await confirmations.confirm(mark)
    })
  }

  /** Asks Redis until it answers. @throws FenceClosed once this may not be the owner any more */
  #ask<T>(attempt: (redis: RedisClient, sessionId: string, again: boolean) => Promise<T>): Promise<T> {
    const { redis, sessionId, fence, logger } = this.#options
    return whileOwner(fence, logger, (again) => attempt(redis, sessionId, again))
  }

  async #move(move: Pick<MessageMove, 'messageId' | 'to' | 'from' | 'fields'>): Promise<MoveAnswer> {
    const { redis, sessionId, token, retentionMs, withBodies } = this.#options
    const answer = await moveMessage(redis, { sessionId, token, retentionMs, withBodies, ...move })
    if (!answer.moved && answer.why === 'fenced') throw this.#fenced()
    if (answer.moved && answer.ackedToday > 0) this.onAcked(answer.ackedToday)
    return answer
  }

  #fenced(): FenceClosed {
    this.#options.onFenced()
    return new FenceClosed('the lease belongs to somebody else')
  }
}
