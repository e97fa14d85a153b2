import { mediaFields } from './media-fields.ts'
import { messageKind } from './message-kind.ts'

export const audio = messageKind({
  type: 'audio',
  fields: mediaFields,
  mimetypes: ['audio/mpeg', 'audio/ogg', 'audio/mp4', 'audio/x-m4a', 'audio/aac', 'audio/amr'],
  notTo: { channel: 'not_available_in_this_page' },
  example: { media: { url: 'https://example.org/files/song.mp3' } },
  typedCharacters: () => 0,
})
