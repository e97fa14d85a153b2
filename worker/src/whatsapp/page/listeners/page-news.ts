import type { PageMessageFacts } from '../describe-message.ts'
import type { PagePerson } from '../person-of.ts'

/** Something that was done to a message. */
export interface PageAct {
  /** WhatsApp's full id of the act: each has one of its own. */
  key: string
  /** The message to which it was done. */
  message: { id: string; key: string }
  chat: PagePerson
  by: PagePerson
  isMine: boolean
  /** Epoch ms. */
  at: number
}

/** What the page tells of what happens in chats, in WhatsApp's own words. */
export type PageNews =
  /** `wasUnreadable` where it was told as that before. */
  | { type: 'message'; message: PageMessageFacts; wasUnreadable?: true }
  /** It came and cannot be read yet. `t` is unix time in seconds. */
  | { type: 'unreadable'; key: string; t: number }
  /** It is not decrypted after a while, or never will be. */
  | { type: 'undecryptable'; message: PageMessageFacts }
  | { type: 'edit'; act: PageAct; text: string; mentions: string[] }
  | { type: 'revocation'; act: PageAct; isAdmin: boolean }
  | { type: 'reaction'; act: PageAct; emoji: string }
  /** The options are null where the page does not have the poll. */
  | { type: 'vote'; act: PageAct; options: string[] | null }
  | { type: 'archived'; chat: PagePerson; archived: boolean; at: number }
  | { type: 'removed'; chat: PagePerson; at: number }
  /** -1 where somebody marked it as unread. */
  | { type: 'unread'; chat: PagePerson; count: number; at: number }
  | { type: 'presence'; chat: PagePerson; by: PagePerson; state: string; at: number }
  | { type: 'call'; call: PageCallFacts; at: number }
  /** One of our listeners could not be attached, so that what it hears is missing. */
  | { type: 'deaf'; listener: string; detail: string }

export interface PageCallFacts {
  id: string
  from: PagePerson
  isVideo: boolean
  isGroup: boolean
  /** The number of WhatsApp's state, null once the call is not there any more. */
  state: number | null
  /** Somebody of the account ended it. */
  endedByUs: boolean
  /** It was taken before. */
  wasAccepted: boolean
}
