import { z } from 'zod'
import { captionFields, mediaFields, typedCaption, viewOnce } from './media-fields.ts'
import { messageKind } from './message-kind.ts'

export const image = messageKind({
  type: 'image',
  fields: {
    ...mediaFields,
    ...captionFields,
    viewOnce,
    hd: z.boolean().default(false).describe('Whether it is sent larger than WhatsApp would by itself.'),
  },
  mimetypes: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'],
  convertible: ['image/heic', 'image/heif', 'image/avif', 'image/bmp', 'image/tiff'],
  notTo: { channel: 'not_available_in_this_page' },
  example: { media: { url: 'https://example.org/files/cake.jpg' }, caption: 'Fresh today', hd: true },
  typedCharacters: typedCaption,
})
