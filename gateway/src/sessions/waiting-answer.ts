import type { SessionSnapshot } from '@wsg/shared/sessions/session-view.ts'
import { z } from 'zod'
import type { QueueFigures } from '../read/read-queue.ts'

/** What an answer says of the messages of a session that wait. */
export const waitingAnswerSchema = z.object({
  waiting: z.number().int(),
  oldestMs: z.number().int().nullable(),
  /** Somebody paused it: nothing is handed over until it is resumed. */
  paused: z.boolean(),
  /** When messages go out again, and why not before. */
  heldUntil: z.iso.datetime().optional(),
  heldBecause: z.literal('daily_cap').optional(),
})
export type WaitingAnswer = z.infer<typeof waitingAnswerSchema>

export function toWaitingAnswer(figures: QueueFigures, { fields, nowMs }: SessionSnapshot): WaitingAnswer {
  const heldUntil = Number(fields.heldUntil ?? 0)
  return {
    ...figures,
    paused: fields.paused === '1',
    ...(heldUntil > nowMs && {
      heldUntil: new Date(heldUntil).toISOString(),
      heldBecause: 'daily_cap' as const,
    }),
  }
}
