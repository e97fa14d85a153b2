import { randomBytes } from 'node:crypto'
import type { Logger } from '@wsg/shared/logger.ts'
import { closeBatch, listBatch, noteUpload, readBatch } from '@wsg/shared/redis/batch/batch.ts'
import { cancelMessages, MOVED_AT_ONCE } from '@wsg/shared/redis/message/move-message.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { Problem } from '../http/problem.ts'
import { assertCanSend } from '../messages/assert-can-send.ts'
import { sha256 } from '../messages/idempotency.ts'
import type { MemoryGuard } from '../messages/memory-guard.ts'
import { BatchUpload, type BatchUploadParts, type UploadRequest } from './batch-upload.ts'

/** No upload takes longer. */
const UPLOADED_WITHIN_MS = 24 * 3_600_000

type BatchesParts = Omit<BatchUploadParts, 'keptMs'> & {
  memory: MemoryGuard
  log: Logger
}

/** Opens and cancels batches: many messages in one request. */
export class Batches {
  readonly #parts: BatchesParts
  readonly #keptMs: number

  constructor(parts: BatchesParts) {
    this.#parts = parts
    this.#keptMs = parts.retentionMs + UPLOADED_WITHIN_MS
  }

  /**
   * Opens a new batch, or goes on with the one that has the request's Idempotency-Key.
   * @throws Problem where it is new and the session takes no messages now. Of a known one each line is answered by itself
   */
  async open(request: UploadRequest): Promise<BatchUpload> {
    const { redis, memory, log } = this.#parts
    const { sessionId, key, requestId } = request
    // The same key is the same batch.
    const hex = key === null ? randomBytes(9).toString('hex') : sha256(key).slice(0, 18)
    const batchId = `batch-${hex}`
    const [snapshot, known, refusal] = await Promise.all([
      readSnapshot(redis, sessionId),
      key === null ? null : readBatch(redis, sessionId, batchId),
      memory.refusal(),
    ])
    if (known === null) {
      assertCanSend(sessionId, snapshot)
      if (refusal !== null) throw refusal
    }
    const keptMs = this.#keptMs
    const opened = await noteUpload(redis, { sessionId, batchId, keptMs, upload: 'receiving', refused: 0 })
    log.info({ sessionId, batchId, requestId, resumed: !opened.isNew }, 'batch opened')
    return new BatchUpload({ ...this.#parts, keptMs }, request, { batchId, ...opened })
  }

  /**
   * Cancels all messages of a batch that wait. An upload that is going on cancels what it accepts (`BatchUpload`).
   * @returns how many were canceled
   * @throws Problem batch_not_found
   */
  async cancel(sessionId: string, batchId: string): Promise<number> {
    const { redis, retentionMs } = this.#parts
    if (!(await closeBatch(redis, sessionId, batchId)))
      throw new Problem('batch_not_found', { members: { sessionId } })
    let canceled = 0
    for (let from = 0; ; from += MOVED_AT_ONCE) {
      const ids = await listBatch(redis, sessionId, batchId, { from, limit: MOVED_AT_ONCE })
      canceled += await cancelMessages(redis, sessionId, ids, retentionMs)
      if (ids.length < MOVED_AT_ONCE) return canceled
    }
  }
}
