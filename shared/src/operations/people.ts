import { z } from 'zod'
import { phoneNumberSchema } from '../messages/recipient.ts'
import { operation } from './operation.ts'

export const peopleOperations = [
  operation({
    name: 'number.check',
    summary:
      'Asks whether a number is on WhatsApp. An answer is remembered for a day, one that it is not for an hour; new numbers are asked for at a pace that gets no account banned',
    input: z.object({ phone: phoneNumberSchema }),
    output: z.object({
      phone: z.string().describe('As it was asked for, in digits.'),
      exists: z.boolean(),
      chatId: z.string().optional().describe('The chat that it belongs to, as WhatsApp has it.'),
      lid: z.string().optional().describe("The person's hidden identity, where it is known."),
    }),
    access: 'sender',
    http: { method: 'GET', path: '/numbers/:phone' },
    errors: ['too_many_number_checks'],
    example: {
      input: { phone: '+55 11 99988-7766' },
      output: {
        phone: '5511999887766',
        exists: true,
        chatId: '5511999887766@c.us',
        lid: '163971247583412@lid',
      },
    },
  }),
] as const
