import { channels } from './channel-collection.ts'
import type { WAWebWid } from './modules/wa-web-wid.ts'

interface ProfilePicThumb {
  id: string
  eurl: string | undefined
  /** Where the page would show it from. */
  img: string | undefined
  canSet(): boolean
  canDelete(): boolean
}

const thumbOf = (id: string | WAWebWid): ProfilePicThumb => {
  const eurl = channels.get(id)?.picture
  // Who may change a picture, the server says.
  return { id: String(id), eurl, img: undefined, canSet: () => true, canDelete: () => true }
}

/** What the page knows of pictures without asking: where those of channels are. */
export const profilePicThumbs = {
  get: thumbOf,
  find: async (id: string | WAWebWid) => thumbOf(id),
}
