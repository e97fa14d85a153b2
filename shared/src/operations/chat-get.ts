import { z } from 'zod'
import { chatIdSchema } from '../messages/recipient.ts'
import { chatSchema, exampleChat } from './chat.ts'
import { operation } from './operation.ts'

export const chatGet = operation({
  name: 'chat.get',
  summary: 'Shows a chat',
  input: z.object({ chatId: chatIdSchema }),
  output: chatSchema,
  timeoutMs: 30_000,
  access: 'viewer',
  live: true,
  http: { method: 'GET', path: '/chats/:chatId' },
  errors: ['chat_not_found'],
  example: { input: { chatId: '+55 11 99988-7766' }, output: exampleChat },
})
