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
  convertible: [
    ...['video/quicktime', 'video/webm', 'video/matroska', 'video/vnd.avi', 'video/MP2P', 'video/mp2t'],
    ...['video/ogg', 'video/x-flv', 'video/x-ms-asf', 'video/3gpp2', 'image/gif'],
  ],
  notTo: { channel: 'not_available_in_this_page' },
  example: { media: { url: 'https://example.org/files/cake.mp4' }, gif: true },
  typedCharacters: typedCaption,
})
