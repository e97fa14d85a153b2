import { z } from 'zod'
import { phoneNumberSchema } from '../messages/recipient.ts'
import { operation } from './operation.ts'

export const pairingRequest = operation({
  name: 'pairing.request',
  summary:
    'Gives a code to be typed into the phone: the one that the number already has while it lives, else a new one',
  input: z.object({ phoneNumber: phoneNumberSchema }),
  output: z.object({
    code: z.string(),
    expiresAt: z.number().describe('Epoch ms.'),
    replacesPrevious: z.boolean(),
  }),
  timeoutMs: 45_000,
  access: 'admin',
  live: false,
  errors: ['already_paired'],
  example: {
    input: { phoneNumber: '5511999887766' },
    output: { code: 'ABCD1234', expiresAt: 1_796_000_000_000, replacesPrevious: false },
  },
})
