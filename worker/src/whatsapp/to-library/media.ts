import { OCTET_STREAM } from '@wsg/shared/media/folder-store.ts'
import type { MessageOf } from '@wsg/shared/messages/kinds/message-kinds.ts'
import type { StoredMedia } from '@wsg/shared/messages/media.ts'
import type { LibraryMedia, LibraryMessage } from './library-message.ts'

/** The kinds of message that are a file. */

export function imageToLibrary(content: MessageOf<'image'>): LibraryMessage {
  return fileToLibrary(content, content.hd ? 'hd' : undefined)
}

export function videoToLibrary(content: MessageOf<'video'>): LibraryMessage {
  return fileToLibrary(content, content.gif ? 'gif' : undefined)
}

export function audioToLibrary(content: MessageOf<'audio'>): LibraryMessage {
  return fileToLibrary(content)
}

export function voiceToLibrary(content: MessageOf<'voice'>): LibraryMessage {
  return fileToLibrary(content, 'voice')
}

export function documentToLibrary(content: MessageOf<'document'>): LibraryMessage {
  return fileToLibrary(content, 'document')
}

export function stickerToLibrary(content: MessageOf<'sticker'>): LibraryMessage {
  const { name = '', author = '' } = content
  return fileToLibrary(content, 'sticker', name + author === '' ? {} : { pack: { name, author } })
}

interface FileContent {
  media: StoredMedia
  filename?: string | undefined
  caption?: string | undefined
  mentions?: readonly string[] | 'all'
  viewOnce?: boolean
}

function fileToLibrary(
  content: FileContent,
  as?: LibraryMedia['as'],
  more: Pick<LibraryMedia, 'pack'> = {},
): LibraryMessage {
  const { media, filename = 'file', caption, mentions = [], viewOnce = false } = content
  const { upload, mimetype = OCTET_STREAM, sound } = media
  return {
    body: '',
    options: {
      mentionedJidList: mentions,
      isCaptionByUser: caption !== undefined,
      ...(caption !== undefined && { caption }),
      ...(viewOnce && { isViewOnce: true }),
    },
    media: { upload, mimetype, filename, ...(as && { as }), ...(sound && { sound }), ...more },
  }
}
