import { mediaSchema } from '../media.ts'
import { messageKind } from './message-kind.ts'

export const voice = messageKind({
  type: 'voice',
  fields: { media: mediaSchema },
  mimetypes: ['audio/ogg; codecs=opus'],
  notTo: { channel: 'not_available_in_this_page' },
  typedCharacters: () => 0,
})
