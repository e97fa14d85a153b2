import { z } from 'zod'
import { chatIdSchema } from '../messages/recipient.ts'
import { operation } from './operation.ts'

export const chatTyping = operation({
  name: 'chat.typing',
  summary:
    'Shows in a chat that the account is typing or recording; WhatsApp stops showing it after about 25 s',
  input: z.object({ chatId: chatIdSchema, state: z.enum(['typing', 'recording', 'paused']) }),
  output: z.object({ id: z.string(), state: z.enum(['typing', 'recording', 'paused']) }),
  timeoutMs: 30_000,
  access: 'sender',
  live: true,
  http: { method: 'POST', path: '/chats/:chatId/typing' },
  errors: ['chat_not_found'],
  example: {
    input: { chatId: '5511999887766', state: 'typing' },
    output: { id: '5511999887766@c.us', state: 'typing' },
  },
})
