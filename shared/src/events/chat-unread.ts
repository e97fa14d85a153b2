import { z } from 'zod'
import { event } from './event.ts'
import { chatFields } from './person.ts'

export const chatUnread = event({
  name: 'chat.unread',
  sentence: 'How many messages of a chat are unread has changed. Changes within half a second are one event.',
  data: z.object({
    ...chatFields,
    unreadCount: z.number().int(),
    markedUnread: z.boolean().describe('Somebody marked it as unread by hand.'),
  }),
  example: { chatId: '5511999887766@c.us', phone: '5511999887766', unreadCount: 2, markedUnread: false },
})
