import { z } from 'zod'
import { messageStates } from './message-lifecycle.ts'

const count = z.coerce.number().int().default(0)
const epochMs = z.coerce.number().int().optional()

/** A batch as Redis keeps it: how many of its messages are in each state, and how its upload went. */
export const batchRecordSchema = z.object({
  ...(Object.fromEntries(messageStates.map((state) => [state, count])) as Record<
    (typeof messageStates)[number],
    typeof count
  >),
  createdAt: epochMs,
  /** How the last upload ended. `receiving` while it goes on, or where its gateway died. */
  upload: z.enum(['receiving', 'complete', 'interrupted']).default('receiving'),
  /** When the gateway that receives it last reported. */
  seenAt: epochMs,
  /** Lines of the last upload that were not accepted. */
  refused: count,
  canceledAt: epochMs,
  /** When the last of its messages was settled; receipts do not count. */
  settledAt: epochMs,
})

export type BatchRecord = z.infer<typeof batchRecordSchema>
