import type { QueueDetails } from '@wsg/shared/redis/message/queue-figures.ts'
import { z } from 'zod'

const count = z.number().int().min(0)

export const queueAnswerSchema = z.object({
  sessionId: z.string(),
  /** While true, nothing is handed to WhatsApp. Messages are still accepted, and wait. */
  paused: z.boolean(),
  /** Messages that are due and wait. */
  waiting: count,
  /** How many of `waiting` are urgent. */
  urgent: count,
  /** Messages that are not due yet; they are no part of `waiting`. */
  scheduled: count,
  nextDueAt: z.iso.datetime().nullable(),
  /** Messages that are being handed to WhatsApp. */
  sending: count,
  /** How long the oldest of `waiting` has waited; null where none waits. */
  oldestMs: count.nullable(),
})
export type QueueAnswer = z.infer<typeof queueAnswerSchema>

export function toQueueAnswer(
  sessionId: string,
  { isPaused, nextDueAt, ...figures }: QueueDetails,
): QueueAnswer {
  return {
    sessionId,
    paused: isPaused,
    ...figures,
    nextDueAt: nextDueAt === null ? null : new Date(nextDueAt).toISOString(),
  }
}
