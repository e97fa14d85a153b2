import { z } from 'zod'
import { messageKind } from './message-kind.ts'

/** However it was written it is one moment. */
const moment = z.iso
  .datetime({
    offset: true,
    error: 'must be an ISO time with its zone, such as 2026-05-01T09:00:00Z',
  })
  .transform((text) => new Date(text).toISOString())

export const event = messageKind({
  type: 'event',
  fields: {
    name: z.string().trim().min(1, 'must not be empty').max(100),
    startsAt: moment.describe('When it begins, to the second.'),
    endsAt: moment.optional().describe('When it is over.'),
    description: z.string().trim().min(1).max(2_048).optional(),
    location: z.string().trim().min(1).max(1_000).optional().describe('Where it is, in words.'),
    call: z
      .enum(['voice', 'video'])
      .optional()
      .describe('That it is a call: WhatsApp makes a link by which all can join.'),
  },
  check: ({ startsAt, endsAt }, context) => {
    if (endsAt === undefined || endsAt > startsAt) return
    context.addIssue({ code: 'custom', path: ['endsAt'], message: 'must be later than startsAt' })
  },
  notTo: { channel: 'not_supported', status: 'not_supported' },
  example: { name: 'Tasting', startsAt: '2027-05-01T15:00:00-03:00', location: 'The shop', call: 'video' },
  typedCharacters: ({ name, description = '' }) => name.length + description.length,
})
