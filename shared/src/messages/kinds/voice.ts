import { mediaSchema } from '../media.ts'
import { viewOnce } from './media-fields.ts'
import { messageKind } from './message-kind.ts'

export const voice = messageKind({
  type: 'voice',
  fields: { media: mediaSchema, viewOnce },
  mimetypes: ['audio/ogg; codecs=opus'],
  notTo: { channel: 'not_available_in_this_page' },
  example: { media: { url: 'https://example.org/files/note.ogg' } },
  isSpoken: true,
  // How long it is nobody knows here: as long as a short sentence.
  typedCharacters: () => 40,
})
