import { z } from 'zod'
import { aboutMessage, exampleAbout } from './about-message.ts'
import { event } from './event.ts'

export const messageReaction = event({
  name: 'message.reaction',
  sentence: 'Somebody reacted to a message, changed the reaction, or took it back.',
  data: z.object({ ...aboutMessage, emoji: z.string().describe('Empty where the reaction was taken back.') }),
  example: { ...exampleAbout, emoji: '👍' },
})
