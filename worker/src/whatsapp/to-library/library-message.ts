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
    /** A body that is a vCard is sent as a contact. */
    parseVCards?: true
    caption?: string
    /** False where the page puts something there itself, as the name of a document. */
    isCaptionByUser?: boolean
    isViewOnce?: true
  }
  /** The file, which is brought into the page ahead of the message. */
  media?: LibraryMedia
  /** The text whose first link is sent with a preview. Absent where none is wanted. */
  previewOf?: string
}

export interface LibraryMedia {
  /** Its id in the store. */
  upload: string
  mimetype: string
  /** As it arrives, where its kind shows a name. */
  filename: string
  /** What it is to become. Without a mark its type decides between image, video and audio. */
  as?: 'gif' | 'hd' | 'voice' | 'document' | 'sticker'
}
