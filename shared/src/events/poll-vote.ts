import { z } from 'zod'
import { aboutMessage, exampleAbout } from './about-message.ts'
import { body } from './bodies.ts'
import { event } from './event.ts'

export const pollVote = event({
  name: 'poll.vote',
  sentence: 'Somebody voted in a poll, changed the vote, or took it back. `id` is that of the poll.',
  data: z.object({
    ...aboutMessage,
    options: body(
      z
        .array(z.string())
        .nullable()
        .describe(
          'What is chosen now; empty where the vote was taken back, null where WhatsApp Web does not have the poll.',
        ),
    ),
  }),
  example: { ...exampleAbout, options: ['Monday'] },
})
