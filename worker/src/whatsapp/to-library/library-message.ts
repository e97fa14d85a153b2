import type { Sound } from '@wsg/shared/messages/media.ts'

/** A message as whatsapp-web.js' own `sendMessage` in the page takes it. */
export interface LibraryMessage {
  body: string
  options: {
    /** The people whom it mentions: as the record has them here, as chat ids where it is sent; or all of a group. */
    mentionedJidList?: readonly string[] | 'all'
    location?: { latitude: number; longitude: number; description: string; url: string }
    poll?: {
      pollName: string
      pollOptions: { name: string; localId: number }[]
      options: { allowMultipleAnswers: boolean }
    }
    event?: {
      name: string
      /** Unix time in seconds. */
      startTimeTs: number
      eventSendOptions: {
        description?: string
        endTimeTs: number | null
        location?: string
        callType: 'none'
        isEventCanceled: false
      }
    }
    caption?: string
    /** False where the page puts something there itself, as the name of a document. */
    isCaptionByUser?: boolean
    isViewOnce?: true
  }
  /** The file, which is brought into the page ahead of the message. */
  media?: LibraryMedia
  /** People's cards: one is a contact, several are a list of them. */
  cards?: LibraryCard[]
  /** The event is a call, for which WhatsApp makes a link. */
  callLink?: { startTimeTs: number; type: 'voice' | 'video' }
  /** The text whose first link is sent with a preview. Absent where none is wanted. */
  previewOf?: string
  /** The id of a message that is forwarded: what that says is what this one says. */
  forwardOf?: string
}

/** `id` is somebody whose card the page makes: as the record has it here, as chat id where it is sent. */
export type LibraryCard = { vcard: string; displayName: string } | { id: string }

export interface LibraryMedia {
  /** Its id in the store. */
  upload: string
  mimetype: string
  /** As it arrives, where its kind shows a name. */
  filename: string
  /** What it is to become. Without a mark its type decides between image, video and audio. */
  as?: 'gif' | 'hd' | 'voice' | 'document' | 'sticker'
  /** Of a voice message that was converted: the page need not find out. */
  sound?: Sound
  /** The pack that a sticker says it is from. */
  pack?: { name: string; author: string }
}
