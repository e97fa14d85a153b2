import { captionFields, mediaFields, typedCaption } from './media-fields.ts'
import { messageKind } from './message-kind.ts'

export const document = messageKind({
  type: 'document',
  fields: { ...mediaFields, ...captionFields },
  notTo: { channel: 'not_supported', status: 'not_supported' },
  typedCharacters: typedCaption,
})
