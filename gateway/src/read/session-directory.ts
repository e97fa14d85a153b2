import type { BatchRecord } from '@wsg/shared/messages/batch-record.ts'
import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import { readBatch } from '@wsg/shared/redis/batch/batch.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import {
  type QueueDetails,
  type QueueFigures,
  readQueueDetails,
  readQueueFigures,
} from '@wsg/shared/redis/message/queue-figures.ts'
import { readClaim, readMessage } from '@wsg/shared/redis/message/read-message.ts'
import { readHistory } from '@wsg/shared/redis/session/history.ts'
import {
  countSessions,
  type HealthCounts,
  type SessionCounts,
} from '@wsg/shared/redis/session/known-sessions.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import type { HistoryEntry } from '@wsg/shared/sessions/session-history.ts'
import { type SessionSnapshot, viewSession } from '@wsg/shared/sessions/session-view.ts'
import type { SessionScope } from '../access/session-scope.ts'
import { listMessages, type MessagePage, type MessagePageRequest } from './list-messages.ts'
import { listSessions, type SessionPage, type SessionPageRequest, visibleIds } from './list-sessions.ts'

/** All that the gateway reads of sessions and messages. It writes nothing and wakes nobody. */
export class SessionDirectory {
  readonly #redis: RedisClient

  constructor(redis: RedisClient) {
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
    return readQueueFigures(this.#redis, sessionId, nowMs)
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

  /**
   * Counts sessions and workers.
   * @param visible the sessions that the caller may see, null for all; these are counted one by one, since the sets would
   *   tell of others
   */
  async count(visible: SessionScope | null): Promise<HealthCounts> {
    const counts = await countSessions(this.#redis)
    if (visible === null) return counts
    const sessions: SessionCounts = { total: 0, ready: 0, waiting_qr: 0, initializing: 0, failed: 0 }
    const ids = await visibleIds(this.#redis, visible)
    for (const snapshot of await Promise.all(ids.map((id) => this.snapshot(id)))) {
      const { status } = viewSession(snapshot)
      if (status === 'not_found') continue
      sessions.total += 1
      if (status !== 'stopped') sessions[status] += 1
    }
    return { ...counts, sessions }
  }

  /** The message that an Idempotency-Key stands for, null where it is new. */
  claimed(
    sessionId: string,
    key: { keyHash: string; batchId: string | null },
  ): Promise<{ fingerprint: string; messageId: string } | null> {
    return readClaim(this.#redis, sessionId, key)
  }
}
