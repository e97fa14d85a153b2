import { z } from 'zod'
import { aboutMessage, exampleAbout } from './about-message.ts'
import { event } from './event.ts'

export const messageRevoked = event({
  name: 'message.revoked',
  sentence: 'A message was deleted for everyone, by who wrote it or by an admin of the group.',
  data: z.object({
    ...aboutMessage,
    byAdmin: z.literal(true).optional().describe('An admin of the group deleted what somebody else wrote.'),
  }),
  example: exampleAbout,
})
