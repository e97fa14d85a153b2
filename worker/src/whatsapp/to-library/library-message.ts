/** A message as whatsapp-web.js' own `sendMessage` in the page takes it. */
export interface LibraryMessage {
  body: string
  options: {
    /** The people whom it mentions: as the record has them here, as chat ids where it is sent. */
    mentionedJidList?: readonly string[]
    location?: { latitude: number; longitude: number; description: string; url: string }
    poll?: {
      pollName: string
      pollOptions: { name: string; localId: number }[]
      options: { allowMultipleAnswers: boolean }
    }
    /** A body that is a vCard is sent as a contact. */
    parseVCards?: true
  }
  /** The text whose first link is sent with a preview. Absent where none is wanted. */
  previewOf?: string
}
