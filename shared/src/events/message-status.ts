import { z } from 'zod'
import { messageStates } from '../messages/message-lifecycle.ts'
import { event } from './event.ts'

export const messageStatus = event({
  name: 'message.status',
  sentence: 'What became of a message that was sent through us: each state from the one that settles it on.',
  data: z.object({
    id: z.string(),
    messageId: z.string().optional().describe("WhatsApp's full id, where it is known."),
    to: z.string().describe('As you wrote it.'),
    chatId: z.string().optional().describe('The chat that it turned out to be.'),
    status: z.enum(messageStates),
    reason: z.string().optional().describe('The error code of one that was not sent.'),
    whatsapp: z
      .object({ code: z.number().int(), meaning: z.string() })
      .optional()
      .describe("The number with which WhatsApp's server refused it, and what it means."),
    reference: z.string().optional(),
    batch: z.string().optional(),
    requestId: z.string().optional().describe('`X-Request-Id` of the request that it came with.'),
  }),
  example: {
    id: '3EB0C767D097B7C3F2A1B4',
    messageId: 'true_5511999887766@c.us_3EB0C767D097B7C3F2A1B4',
    to: '+55 11 99988-7766',
    chatId: '5511999887766@c.us',
    status: 'delivered',
    reference: 'order-42',
    requestId: '6f1c2f0e-8d0f-4b39-9d36-52c1a7f0e5a1',
  },
})
