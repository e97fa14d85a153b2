import type { MessageOf } from '@wsg/shared/messages/kinds/message-kinds.ts'
import type { LibraryMessage } from './library-message.ts'

/** WhatsApp Web makes the message itself, of the one that is forwarded. */
export function forwardToLibrary({ messageId }: MessageOf<'forward'>): LibraryMessage {
  return { body: '', options: {}, forwardOf: messageId }
}
