import { z } from 'zod'
import { chatIdSchema } from '../messages/recipient.ts'
import { operation } from './operation.ts'

export const labelSchema = z.object({
  id: z.string(),
  name: z.string(),
  color: z.string().nullable().describe('As `#rrggbb`.'),
})
const exampleLabel: z.infer<typeof labelSchema> = { id: '1', name: 'New customer', color: '#4080c0' }

export const labelOperations = [
  operation({
    name: 'label.list',
    summary: 'Lists the labels of a WhatsApp Business account',
    input: z.object({}),
    output: z.object({ items: z.array(labelSchema) }),
    access: 'viewer',
    http: { method: 'GET', path: '/labels' },
    errors: ['not_supported'],
    example: { input: {}, output: { items: [exampleLabel] } },
  }),

  operation({
    name: 'chat.labels',
    summary: 'Gives a chat just these labels, of those that the account has',
    input: z.object({ chatId: chatIdSchema, labels: z.array(z.string().min(1).max(20)).max(20) }),
    output: z.object({ id: z.string(), labels: z.array(labelSchema) }),
    access: 'sender',
    http: { method: 'PUT', path: '/chats/:chatId/labels' },
    errors: ['chat_not_found', 'label_not_found', 'not_supported'],
    example: {
      input: { chatId: '5511999887766', labels: ['1'] },
      output: { id: '5511999887766@c.us', labels: [exampleLabel] },
    },
  }),
] as const
