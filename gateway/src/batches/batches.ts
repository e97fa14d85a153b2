import { randomBytes } from 'node:crypto'
import type { Logger } from '@wsg/shared/logger.ts'
import { openBatch } from '@wsg/shared/redis/batch/open-batch.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { cancelMessages, MOVED_AT_ONCE } from '@wsg/shared/redis/message/move-message.ts'
import { Problem } from '../http/problem.ts'
import { assertCanSend } from '../messages/assert-can-send.ts'
import { sha256 } from '../messages/idempotency.ts'
import type { MemoryGuard } from '../messages/memory-guard.ts'
import type { SessionDirectory } from '../read/session-directory.ts'
import { BatchUpload, type BatchUploadParts, type UploadRequest } from './batch-upload.ts'

/** An upload takes less, and a batch without messages is of no use to anybody. */
const UPLOADED_WITHIN_MS = 24 * 3_600_000

/** Many messages handed over at once, and taken back at once. */
export class Batches {
  readonly #parts: Omit<BatchUploadParts, 'keptMs'> & {
    directory: SessionDirectory
    memory: MemoryGuard
    log: Logger
  }
  readonly #keptMs: number

  constructor(
    parts: Omit<BatchUploadParts, 'keptMs'> & {
      directory: SessionDirectory
      memory: MemoryGuard
      log: Logger
    },
  ) {
    this.#parts = parts
    this.#keptMs = parts.retentionMs + UPLOADED_WITHIN_MS
  }

  /**
   * Makes ready for the messages of a batch: a new one, or the one that the Idempotency-Key stands for.
   * @throws Problem where the session takes nothing at the moment; a known batch is answered line by line even then
   */
  async open(request: UploadRequest): Promise<BatchUpload> {
    const { redis, directory, memory, log } = this.#parts
    const { sessionId, key, requestId } = request
    // The same key is the same batch.
    const hex = key === null ? randomBytes(9).toString('hex') : sha256(key).slice(0, 18)
    const batchId = `batch-${hex}`
    const [snapshot, known, hasRoom] = await Promise.all([
      directory.snapshot(sessionId),
      key === null ? null : directory.batch(sessionId, batchId),
      memory.hasRoom(),
    ])
    if (known === null) {
      assertCanSend(sessionId, snapshot)
      if (!hasRoom) throw new Problem('redis_full')
    }
    const opened = await openBatch(redis, { sessionId, batchId, keptMs: this.#keptMs })
    log.info({ sessionId, batchId, requestId, resumed: !opened.isNew }, 'batch opened')
    return new BatchUpload({ ...this.#parts, keptMs: this.#keptMs }, request, { batchId, ...opened })
  }

  /**
   * Cancels all of a batch that waits. What is being uploaded meanwhile takes itself back (`BatchUpload`).
   * @returns how many messages there were
   * @throws Problem batch_not_found
   */
  async cancel(sessionId: string, batchId: string): Promise<number> {
    const { redis, directory, retentionMs } = this.#parts
    if ((await directory.batch(sessionId, batchId)) === null) {
      throw new Problem('batch_not_found', { members: { sessionId } })
    }
    await redis.hsetnx(keys.batch(sessionId, batchId), 'canceledAt', Date.now())
    let canceled = 0
    for (let from = 0; ; from += MOVED_AT_ONCE) {
      const to = String(from + MOVED_AT_ONCE - 1)
      const ids = await redis.zrange(keys.batchMessages(sessionId, batchId), from, to)
      canceled += await cancelMessages(redis, sessionId, ids, retentionMs)
      if (ids.length < MOVED_AT_ONCE) return canceled
    }
  }
}
