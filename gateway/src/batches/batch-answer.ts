import type { BatchRecord } from '@wsg/shared/messages/batch-record.ts'
import { messageStates } from '@wsg/shared/messages/message-lifecycle.ts'
import { z } from 'zod'

/** An upload is interrupted once its gateway was silent for so long. A living one reports every 5 s. */
const SILENT_MS = 30_000

const count = z.number().int().min(0)

export const refusalSchema = z.object({
  line: z.number().int(),
  code: z.string(),
  error: z.string(),
  /** True where the same line may be accepted later. */
  retryable: z.boolean(),
  /** The id to ask for, where it is not known whether the message was accepted. */
  id: z.string().optional(),
})
export type Refusal = z.infer<typeof refusalSchema>

export type LineAnswer = Refusal | { line: number; id: string; status: string; replayed?: true }

export const uploadAnswerSchema = z.object({
  batchId: z.string(),
  sessionId: z.string(),
  /** Messages in the body: each was accepted, replayed or refused. */
  total: count,
  accepted: count,
  /** Accepted before, under the same Idempotency-Key. */
  replayed: count,
  refused: count,
})
export type UploadAnswer = z.infer<typeof uploadAnswerSchema>

export const batchAnswerSchema = z.object({
  batchId: z.string(),
  sessionId: z.string(),
  /** `interrupted`: only a part came. Repeat it under its Idempotency-Key to send the rest. */
  upload: z.enum(['receiving', 'complete', 'interrupted']),
  /** `accepted` and `refused` together. */
  total: count,
  /** Messages that were accepted, in all uploads. `counts` has their states. */
  accepted: count,
  /** Lines of the last upload that were not accepted. */
  refused: count,
  counts: z.object(Object.fromEntries(messageStates.map((state) => [state, count]))),
  /** True once no message of it waits or is being sent, and no upload is going on. */
  done: z.boolean(),
  createdAt: z.iso.datetime(),
  canceledAt: z.iso.datetime().optional(),
  /** When its last message was settled, once it is done. */
  finishedAt: z.iso.datetime().optional(),
})
export type BatchAnswer = z.infer<typeof batchAnswerSchema>

/** @param nowMs Redis' time */
export function toBatchAnswer(
  sessionId: string,
  batchId: string,
  batch: BatchRecord,
  nowMs: number,
): BatchAnswer {
  const { refused, createdAt = nowMs, canceledAt, settledAt, seenAt = 0 } = batch
  const isSilent = batch.upload === 'receiving' && nowMs - seenAt > SILENT_MS
  const upload = isSilent ? 'interrupted' : batch.upload
  const counts = Object.fromEntries(messageStates.map((state) => [state, batch[state]]))
  const accepted = messageStates.reduce((sum, state) => sum + batch[state], 0)
  const done = upload !== 'receiving' && batch.queued + batch.sending === 0
  const iso = (ms: number) => new Date(ms).toISOString()
  return {
    batchId,
    sessionId,
    upload,
    total: accepted + refused,
    accepted,
    refused,
    counts,
    done,
    createdAt: iso(createdAt),
    ...(canceledAt !== undefined && { canceledAt: iso(canceledAt) }),
    ...(done && settledAt !== undefined && { finishedAt: iso(settledAt) }),
  }
}
