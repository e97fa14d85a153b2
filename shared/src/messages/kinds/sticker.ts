import { z } from 'zod'
import { mediaSchema } from '../media.ts'
import { messageKind } from './message-kind.ts'

const word = z.string().trim().min(1, 'must not be empty').max(128)

export const sticker = messageKind({
  type: 'sticker',
  fields: {
    media: mediaSchema,
    name: word.optional().describe('What its pack is called, where somebody keeps it.'),
    author: word.optional().describe('Who made the pack.'),
  },
  mimetypes: ['image/webp', 'image/png', 'image/jpeg'],
  notTo: { channel: 'not_available_in_this_page', status: 'not_supported' },
  example: { media: { url: 'https://example.org/files/cake.webp' }, name: 'Our cakes', author: 'The shop' },
  typedCharacters: () => 0,
})
