import { captionFields, mediaFields, typedCaption } from './media-fields.ts'
import { messageKind } from './message-kind.ts'

export const document = messageKind({
  type: 'document',
  fields: { ...mediaFields, ...captionFields },
  typedCharacters: typedCaption,
})
