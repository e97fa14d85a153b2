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
