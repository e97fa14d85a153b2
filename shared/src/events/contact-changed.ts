import { z } from 'zod'
import { event } from './event.ts'
import { memberSchema } from './person.ts'

export const contactChanged = event({
  name: 'contact.changed',
  sentence:
    'Somebody has another number from now on. In each chat with the person it is an event of its own.',
  data: z.object({
    chatId: z.string().describe('The chat in which WhatsApp says so: a group, or that of the person.'),
    before: memberSchema,
    after: memberSchema,
    timestamp: z.iso.datetime().describe('When WhatsApp says that it happened.'),
  }),
  example: {
    chatId: '5511999887700@c.us',
    before: { id: '5511999887766@c.us', phone: '5511999887766' },
    after: { id: '5511999887700@c.us', phone: '5511999887700' },
    timestamp: '2026-11-29T08:30:00.000Z',
  },
})
