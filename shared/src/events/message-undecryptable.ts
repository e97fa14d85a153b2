import { z } from 'zod'
import { aboutMessage, exampleAbout } from './about-message.ts'
import { event } from './event.ts'

export const messageUndecryptable = event({
  name: 'message.undecryptable',
  sentence:
    'A message came that WhatsApp Web could not decrypt within 20 seconds. It is shown on the phone. Should it be decrypted later, it is told as `message`.',
  data: z.object({
    ...aboutMessage,
    reason: z
      .enum(['waiting', 'phone_only'])
      .describe('`phone_only`: WhatsApp gives it to the phone alone, such as what is to be seen once.'),
  }),
  example: { ...exampleAbout, reason: 'waiting' },
})
