import type { BatchRecord } from '@wsg/shared/messages/batch-record.ts'
import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { readHistory } from '@wsg/shared/redis/session/history.ts'
import { countSessions, type HealthCounts } from '@wsg/shared/redis/session/known-sessions.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import type { HistoryEntry } from '@wsg/shared/sessions/session-history.ts'
import type { SessionSnapshot } from '@wsg/shared/sessions/session-view.ts'
import type { Redis } from 'ioredis'
import { listMessages, type MessagePage, type MessagePageRequest } from './list-messages.ts'
import { listSessions, type SessionPage, type SessionPageRequest } from './list-sessions.ts'
import { readBatch } from './read-batch.ts'
import { readMessage } from './read-message.ts'
import { type QueueDetails, type QueueFigures, readQueue, readQueueDetails } from './read-queue.ts'

/** All that the gateway reads of sessions and messages. It writes nothing and wakes nobody. */
export class SessionDirectory {
  readonly #redis: Redis

  constructor(redis: Redis) {
    this.#redis = redis
  }

  snapshot(sessionId: string): Promise<SessionSnapshot> {
    return readSnapshot(this.#redis, sessionId)
  }

  message(sessionId: string, messageId: string): Promise<MessageRecord | null> {
    return readMessage(this.#redis, sessionId, messageId)
  }

  /** How many messages wait, and how long the oldest has. @param nowMs Redis' time, from the snapshot */
  queue(sessionId: string, nowMs: number): Promise<QueueFigures> {
    return readQueue(this.#redis, sessionId, nowMs)
  }

  /** What happened to the session, the newest first. */
  history(sessionId: string): Promise<HistoryEntry[]> {
    return readHistory(this.#redis, sessionId)
  }

  /** @param nowMs Redis' time, from the snapshot */
  queueDetails(sessionId: string, nowMs: number): Promise<QueueDetails> {
    return readQueueDetails(this.#redis, sessionId, nowMs)
  }

  messages(request: MessagePageRequest): Promise<MessagePage> {
    return listMessages(this.#redis, request)
  }

  batch(sessionId: string, batchId: string): Promise<BatchRecord | null> {
    return readBatch(this.#redis, sessionId, batchId)
  }

  list(request: SessionPageRequest): Promise<SessionPage> {
    return listSessions(this.#redis, request)
  }

  count(): Promise<HealthCounts> {
    return countSessions(this.#redis)
  }

  /** The message that an Idempotency-Key stands for, null where it is new. @param keyHash SHA-256 of the key */
  async claimed(
    sessionId: string,
    keyHash: string,
  ): Promise<{ fingerprint: string; messageId: string } | null> {
    const claim = await this.#redis.get(keys.idempotency(sessionId, keyHash))
    const [fingerprint, messageId] = claim?.split(' ') ?? []
    return fingerprint === undefined || messageId === undefined ? null : { fingerprint, messageId }
  }
}
