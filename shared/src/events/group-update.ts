import { z } from 'zod'
import { body } from './bodies.ts'
import { event } from './event.ts'
import { exampleNotice, groupNotice } from './group-notice.ts'

export const groupUpdate = event({
  name: 'group.update',
  sentence: 'A group was made, or something of it was changed: its subject, its picture, a setting.',
  data: z.object({
    ...groupNotice,
    change: z
      .string()
      .describe(
        "WhatsApp's word: `subject`, `description`, `picture`, `announce`, `restrict`, `create` and others.",
      ),
    value: body(z.string().optional().describe('What it is now, where WhatsApp tells it.')),
  }),
  example: { ...exampleNotice, change: 'subject', value: 'Team' },
})
