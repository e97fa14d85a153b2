import type { MessageOf } from '@wsg/shared/messages/kinds/message-kinds.ts'
import type { LibraryMessage } from './library-message.ts'

/** As the library's own `Location` puts it: name and address are one text of two lines. */
export function locationToLibrary(content: MessageOf<'location'>): LibraryMessage {
  const { latitude, longitude, name, address, url = '' } = content
  const description = [name, address].filter((line) => line !== undefined).join('\n')
  return { body: '', options: { location: { latitude, longitude, description, url } } }
}
