import { z } from 'zod'
import { personSchema } from '../recipient.ts'
import { messageKind } from './message-kind.ts'

/** WhatsApp's limit for one text, in UTF-16 units: what JavaScript, and so WhatsApp Web, calls its length. */
const MAX_TEXT_LENGTH = 65_536

export const textSchema = z
  .string('must be a text')
  .min(1, 'must not be empty')
  // zod's own limit counts code points, of which an emoji is one.
  .refine(
    ({ length }) => length <= MAX_TEXT_LENGTH,
    `must have at most ${MAX_TEXT_LENGTH} characters, counted in UTF-16 units: most emoji are two`,
  )

/** Whom a text or a caption names with `@`. */
export const mentionsSchema = z
  .union(
    [
      z.array(personSchema).max(256),
      z.literal('all'),
      // Some clients say so where nobody is mentioned.
      z.literal(false).transform((): string[] => []),
    ],
    'must be a list of people, or "all"',
  )
  .default([])

export const text = messageKind({
  type: 'text',
  fields: {
    text: textSchema.describe(`At most ${MAX_TEXT_LENGTH} characters, counted in UTF-16 units.`),
    linkPreview: z.boolean().default(true).describe('Whether a preview of the first link may be shown.'),
    mentions: mentionsSchema.describe('The people whom the text names with `@`; in a group also `all`.'),
  },
  example: { text: 'Hello @5511987650001, see https://example.org', mentions: ['5511987650001'] },
  typedCharacters: ({ text }) => text.length,
})
