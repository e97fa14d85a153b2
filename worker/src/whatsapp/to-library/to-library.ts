import type { MessageContent, MessageOf } from '@wsg/shared/messages/kinds/message-kinds.ts'
import { textToLibrary } from './text.ts'

/** A message as whatsapp-web.js' own `sendMessage` in the page takes it. */
export interface LibraryMessage {
  body: string
  options: {
    /** The people whom it mentions: as the record has them here, as chat ids where it is sent. */
    mentionedJidList?: readonly string[]
  }
  /** The text whose first link is sent with a preview. Absent where none is wanted. */
  previewOf?: string
}

/** How each kind of message is given to the library. */
const readings: { [Type in MessageContent['type']]: (content: MessageOf<Type>) => LibraryMessage } = {
  text: textToLibrary,
}

export function toLibrary(content: MessageContent): LibraryMessage {
  return readings[content.type](content)
}
