import {
  type HistoryEntry,
  historyEntrySchema,
  sentenceForEvent,
} from '@wsg/shared/sessions/session-history.ts'
import { z } from 'zod'

/** One entry of a session's history as a caller reads it. */
export const historyAnswerSchema = z.object({
  at: z.iso.datetime(),
  event: historyEntrySchema.shape.event,
  message: z.string(),
  detail: z.string().optional(),
})
export type HistoryAnswer = z.infer<typeof historyAnswerSchema>

export function toHistoryAnswer({ at, event, detail }: HistoryEntry): HistoryAnswer {
  return {
    at: new Date(at).toISOString(),
    event,
    message: sentenceForEvent(event),
    ...(detail !== undefined && { detail }),
  }
}
