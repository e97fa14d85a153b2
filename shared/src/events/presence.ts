import { z } from 'zod'
import { event } from './event.ts'
import { chatFields, memberSchema } from './person.ts'

export const presence = event({
  name: 'presence',
  sentence:
    'Somebody is online, offline, typing or recording. WhatsApp tells it only while the account shows itself as available.',
  data: z.object({
    ...chatFields,
    from: memberSchema.describe('Who it is; in a group, one of its members.'),
    state: z.enum(['online', 'offline', 'typing', 'recording']),
    timestamp: z.iso.datetime().describe('When it was heard.'),
  }),
  example: {
    chatId: '5511999887766@c.us',
    phone: '5511999887766',
    from: { id: '5511999887766@c.us', phone: '5511999887766' },
    state: 'typing',
    timestamp: '2026-11-29T08:30:00.000Z',
  },
})
