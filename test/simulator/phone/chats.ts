import type { PhoneGroup, PhoneMessage } from './control-client.ts'

export const isGroup = (chat: string) => chat.endsWith('@g.us')

/** Whose chat a message is in, on this phone; null where this phone does not have it. */
function chatOf(phone: string, groups: readonly PhoneGroup[], { from, to }: PhoneMessage): string | null {
  if (isGroup(to)) return groups.some(({ id, members }) => id === to && phone in members) ? to : null
  if (to.includes('@')) return null
  if (from === phone) return to
  return to === phone ? from : null
}

/** A message with what was said about it since. */
export interface ShownMessage extends PhoneMessage {
  /** Its text now; of another kind than text, what it is in words. */
  text: string
  isEdited: boolean
  isRevoked: boolean
  /** Emoji by number. */
  reactions: Record<string, string>
  /** Ids of the chosen options by number. */
  votes: Record<string, number[]>
}

/** The messages of each chat of a phone, by the chat, oldest first; the chat written in last comes last. */
export function chatsOf(
  phone: string,
  groups: readonly PhoneGroup[],
  messages: readonly PhoneMessage[],
): Map<string, ShownMessage[]> {
  const chats = new Map<string, ShownMessage[]>()
  const known = new Map<string, ShownMessage>()
  for (const message of messages) {
    const chat = chatOf(phone, groups, message)
    if (chat === null) continue
    const target = message.extras?.target
    if (target !== undefined) {
      const about = known.get(target.id)
      if (about !== undefined) applyTo(about, message)
      continue
    }
    const shown = {
      ...{ ...message, text: textOf(message), isEdited: false, isRevoked: false },
      ...{ reactions: {}, votes: {} },
    }
    known.set(message.id, shown)
    const before = chats.get(chat) ?? []
    chats.delete(chat)
    chats.set(chat, [...before, shown])
  }
  return chats
}

function applyTo(about: ShownMessage, { type, from, extras }: PhoneMessage): void {
  const { text, reactionText, selectedOptionLocalIds } = extras?.addOn ?? {}
  if (type === 'revoke') about.isRevoked = true
  if (type === 'message_edit' && text !== undefined) {
    about.text = text
    about.isEdited = true
  }
  if (type === 'reaction') {
    if (reactionText) about.reactions[from] = reactionText
    else delete about.reactions[from]
  }
  if (type === 'poll_update') about.votes[from] = selectedOptionLocalIds ?? []
}

/** Told by WhatsApp itself, such as who joined a group: nobody reacts to it. */
export const isNotice = ({ type }: PhoneMessage) => type === 'gp2' || type.startsWith('notification')

const KINDS: Readonly<Record<string, string>> = {
  poll_creation: 'Poll',
  event_creation: 'Event',
  vcard: 'Contact',
  ptt: 'Voice',
}

function textOf({ type, body, extras = {} }: PhoneMessage): string {
  if (type === 'chat') return body
  if (type === 'gp2') return 'Something about the group changed'
  const { caption, filename, pollName, eventName, vcardFormattedName, loc, lat, lng } = extras
  const place = loc ?? (lat === undefined ? undefined : `${lat}, ${lng}`)
  const kind = KINDS[type] ?? type.charAt(0).toUpperCase() + type.slice(1)
  const what = caption ?? filename ?? pollName ?? eventName ?? vcardFormattedName ?? place
  return what === undefined ? kind : `${kind}: ${what}`
}
