import { captionFields, mediaFields, typedCaption } from './media-fields.ts'
import { messageKind } from './message-kind.ts'

export const document = messageKind({
  type: 'document',
  fields: { ...mediaFields, ...captionFields },
  notTo: { channel: 'not_supported', status: 'not_supported' },
  example: {
    media: { url: 'https://example.org/files/offer.pdf' },
    filename: 'Offer.pdf',
    caption: 'As agreed',
  },
  typedCharacters: typedCaption,
})
