import { z } from 'zod'
import { chatIdSchema } from '../messages/recipient.ts'
import { chatSchema, exampleChat } from './chat.ts'
import { operation } from './operation.ts'

export const chatUnarchive = operation({
  name: 'chat.unarchive',
  summary: 'Takes a chat out of the archive',
  input: z.object({ chatId: chatIdSchema }),
  output: chatSchema,
  timeoutMs: 30_000,
  access: 'sender',
  live: true,
  http: { method: 'DELETE', path: '/chats/:chatId/archive' },
  errors: ['chat_not_found'],
  example: { input: { chatId: '5511999887766' }, output: exampleChat },
})
