import { z } from 'zod'
import { event } from './event.ts'
import { chatFields } from './person.ts'

export const chatArchived = event({
  name: 'chat.archived',
  sentence: 'A chat was put into the archive, or taken out of it, by whomever.',
  data: z.object({ ...chatFields, archived: z.boolean() }),
  example: { chatId: '5511999887766@c.us', phone: '5511999887766', archived: true },
})
