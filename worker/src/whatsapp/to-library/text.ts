import type { MessageOf } from '@wsg/shared/messages/kinds/message-kinds.ts'
import type { LibraryMessage } from './library-message.ts'

export function textToLibrary({ text, linkPreview, mentions }: MessageOf<'text'>): LibraryMessage {
  return { body: text, options: { mentionedJidList: mentions }, ...(linkPreview && { previewOf: text }) }
}
