import type { MessageContent, MessageOf } from '@wsg/shared/messages/kinds/message-kinds.ts'
import { contactToLibrary } from './contact.ts'
import { eventToLibrary } from './event.ts'
import { forwardToLibrary } from './forward.ts'
import type { LibraryMessage } from './library-message.ts'
import { locationToLibrary } from './location.ts'
import {
  audioToLibrary,
  documentToLibrary,
  imageToLibrary,
  stickerToLibrary,
  videoToLibrary,
  voiceToLibrary,
} from './media.ts'
import { pollToLibrary } from './poll.ts'
import { textToLibrary } from './text.ts'

/** How each kind of message is given to the library. */
const readings: { [Type in MessageContent['type']]: (content: MessageOf<Type>) => LibraryMessage } = {
  text: textToLibrary,
  image: imageToLibrary,
  video: videoToLibrary,
  audio: audioToLibrary,
  voice: voiceToLibrary,
  document: documentToLibrary,
  sticker: stickerToLibrary,
  location: locationToLibrary,
  contact: contactToLibrary,
  poll: pollToLibrary,
  event: eventToLibrary,
  forward: forwardToLibrary,
}

export function toLibrary(content: MessageContent): LibraryMessage {
  return (readings[content.type] as (content: MessageContent) => LibraryMessage)(content)
}
