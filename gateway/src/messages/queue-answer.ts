import { z } from 'zod'
import type { QueueDetails } from '../read/read-queue.ts'

const count = z.number().int().min(0)

export const queueAnswerSchema = z.object({
  sessionId: z.string(),
  /** While it is, nothing new is handed to WhatsApp; messages are accepted and wait. */
  paused: z.boolean(),
  /** Due, and not handed to WhatsApp yet. */
  waiting: count,
  /** Of those, how many overtake the messages of other chats. */
  urgent: count,
  /** Not due yet; not part of `waiting`. */
  scheduled: count,
  nextDueAt: z.iso.datetime().nullable(),
  /** Being handed to WhatsApp at the moment. */
  sending: count,
  /** How long the oldest of `waiting` has, null where none does. */
  oldestMs: count.nullable(),
})

export function toQueueAnswer(
  sessionId: string,
  { isPaused, nextDueAt, ...figures }: QueueDetails,
): z.infer<typeof queueAnswerSchema> {
  return {
    sessionId,
    paused: isPaused,
    ...figures,
    nextDueAt: nextDueAt === null ? null : new Date(nextDueAt).toISOString(),
  }
}
