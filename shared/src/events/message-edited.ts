import { z } from 'zod'
import { aboutMessage, exampleAbout } from './about-message.ts'
import { body } from './bodies.ts'
import { event } from './event.ts'

export const messageEdited = event({
  name: 'message.edited',
  sentence: 'A message has another text, or a file another caption. Each edit is one event.',
  data: z.object({
    ...aboutMessage,
    text: body(z.string().describe('The new text, or the new caption.')),
    mentions: z.array(z.string()).describe('Chat ids.'),
  }),
  example: { ...exampleAbout, text: 'Oi, tudo bem?', mentions: [] },
})
