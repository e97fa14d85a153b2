import type { MessageOf } from '@wsg/shared/messages/kinds/message-kinds.ts'
import type { LibraryMessage } from './library-message.ts'

export function pollToLibrary({ question, options, multiple }: MessageOf<'poll'>): LibraryMessage {
  const pollOptions = options.map((name, localId) => ({ name, localId }))
  return {
    body: '',
    options: { poll: { pollName: question, pollOptions, options: { allowMultipleAnswers: multiple } } },
  }
}
