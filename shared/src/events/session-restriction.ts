import { z } from 'zod'
import { restrictionSchema } from '../sessions/restriction.ts'
import { event } from './event.ts'

const { kind, since, until, concerns, meaning } = restrictionSchema.shape

export const sessionRestriction = event({
  name: 'session.restriction',
  sentence: 'WhatsApp keeps the account from something, keeps it from that for longer, or does so no more.',
  data: z.object({
    kind,
    isOver: z.boolean().describe('Whether it has ended. What follows is there while it holds.'),
    since: since.optional(),
    until,
    concerns: concerns.optional(),
    meaning: meaning.optional(),
  }),
  example: {
    kind: 'reach_out_time_lock',
    isOver: false,
    since: '2026-11-29T08:30:00.000Z',
    until: '2026-11-29T09:30:00.000Z',
    concerns: 'new_chats',
    meaning:
      'WhatsApp does not let this account begin new chats for a while. Messages to new chats wait; all others go. After the pause one of them is tried; POST /queue/resume tries it at once. Write to fewer strangers.',
  },
})
