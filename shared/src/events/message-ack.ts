import { z } from 'zod'
import { event } from './event.ts'

export const messageAck = event({
  name: 'message.ack',
  sentence:
    "WhatsApp's word about a message of the account: the server has it, it was delivered, read or played.",
  data: z.object({
    id: z.string(),
    messageId: z.string().optional().describe("WhatsApp's full id, where it is known."),
    chatId: z.string().optional().describe('As WhatsApp has it, where it is known.'),
    ack: z.number().int().describe('1 server, 2 device, 3 read, 4 played; -1 for an error.'),
    ackName: z.enum(['error', 'server', 'device', 'read', 'played']),
    reference: z.string().optional(),
  }),
  example: {
    id: '3EB0C767D097B7C3F2A1B4',
    messageId: 'true_5511999887766@c.us_3EB0C767D097B7C3F2A1B4',
    chatId: '5511999887766@c.us',
    ack: 2,
    ackName: 'device',
    reference: 'order-42',
  },
})
