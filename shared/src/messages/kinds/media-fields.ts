import { z } from 'zod'
import { mediaSchema } from '../media.ts'
import { mentionsSchema, textSchema } from './text.ts'

/** What several kinds of files have in common. */

export const mediaFields = {
  media: mediaSchema,
  filename: z
    .string()
    .min(1)
    .max(1_024)
    .optional()
    .describe('The name under which it arrives, without folders; its ending is derived where it has none.'),
}

export const captionFields = {
  caption: textSchema.optional().describe('The text below it.'),
  mentions: mentionsSchema.describe('The people whom the caption names with `@`; in a group also `all`.'),
}

export const viewOnce = z.boolean().default(false).describe('Whether it can be looked at only once.')

export function typedCaption({ caption = '' }: { caption?: string | undefined }): number {
  return caption.length
}
