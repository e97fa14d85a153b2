import { mediaSchema } from '../media.ts'
import { messageKind } from './message-kind.ts'

export const sticker = messageKind({
  type: 'sticker',
  fields: { media: mediaSchema },
  mimetypes: ['image/webp', 'image/png', 'image/jpeg'],
  notTo: { channel: 'not_available_in_this_page', status: 'not_supported' },
  typedCharacters: () => 0,
})
