import { mediaSchema } from '../media.ts'
import { viewOnce } from './media-fields.ts'
import { messageKind } from './message-kind.ts'

export const voice = messageKind({
  type: 'voice',
  fields: { media: mediaSchema, viewOnce },
  mimetypes: ['audio/ogg; codecs=opus'],
  convertible: [
    ...['audio/mpeg', 'audio/wav', 'audio/mp4', 'audio/x-m4a', 'audio/aac', 'audio/ogg', 'audio/flac'],
    ...['audio/amr', 'audio/aiff', 'audio/x-caf', 'audio/x-ms-asf', 'video/webm', 'video/mp4', 'video/3gpp'],
  ],
  notTo: { channel: 'not_available_in_this_page' },
  example: { media: { url: 'https://example.org/files/note.ogg' } },
  isSpoken: true,
  // How long it is nobody knows here: as long as a short sentence.
  typedCharacters: () => 40,
})
