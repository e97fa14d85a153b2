import { messageIdSchema } from '../message-id.ts'
import { messageKind } from './message-kind.ts'

export const forward = messageKind({
  type: 'forward',
  fields: { messageId: messageIdSchema },
  notTo: { channel: 'not_supported', status: 'not_supported' },
  example: { messageId: 'false_5511999887766@c.us_3A5B2C1D0E9F8A7B6C5D' },
  typedCharacters: () => 0,
})
