import { z } from 'zod'
import { messageKind } from './message-kind.ts'

const option = z.string().trim().min(1, 'must not be empty').max(100)

export const poll = messageKind({
  type: 'poll',
  fields: {
    question: z.string().trim().min(1, 'must not be empty').max(255),
    options: z
      .array(option)
      .min(2)
      .max(12)
      .refine((options) => new Set(options).size === options.length, 'must differ from each other')
      .describe('2 to 12 answers, each different.'),
    multiple: z.boolean().default(false).describe('Whether one person may choose several.'),
  },
  notTo: { status: 'not_supported' },
  example: { question: 'When shall we come?', options: ['Morning', 'Evening'], multiple: true },
  typedCharacters: ({ question }) => question.length,
})
