import { z } from 'zod'
import { captionFields, mediaFields, typedCaption, viewOnce } from './media-fields.ts'
import { messageKind } from './message-kind.ts'

export const video = messageKind({
  type: 'video',
  fields: {
    ...mediaFields,
    ...captionFields,
    viewOnce,
    gif: z.boolean().default(false).describe('Whether it plays by itself, again and again, without sound.'),
  },
  mimetypes: ['video/mp4', 'video/x-m4v', 'video/3gpp'],
  notTo: { channel: 'not_available_in_this_page' },
  example: { media: { url: 'https://example.org/files/cake.mp4' }, gif: true },
  typedCharacters: typedCaption,
})
