import { z } from 'zod'
import { chatIdSchema } from '../messages/recipient.ts'
import { chatSchema, exampleChat } from './chat.ts'
import { operation } from './operation.ts'

export const chatSeen = operation({
  name: 'chat.seen',
  summary:
    'Marks what is unread in a chat as read, which its writers see. The account shows itself online for that moment',
  input: z.object({ chatId: chatIdSchema }),
  output: chatSchema,
  timeoutMs: 30_000,
  access: 'sender',
  live: true,
  http: { method: 'POST', path: '/chats/:chatId/seen' },
  errors: ['chat_not_found'],
  example: { input: { chatId: '5511999887766' }, output: exampleChat },
})
