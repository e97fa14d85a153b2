import { z } from 'zod'
import { event } from './event.ts'
import { chatFields } from './person.ts'

export const chatRemoved = event({
  name: 'chat.removed',
  sentence: 'A chat was deleted, by whomever.',
  data: z.object(chatFields),
  example: { chatId: '5511999887766@c.us', phone: '5511999887766' },
})
