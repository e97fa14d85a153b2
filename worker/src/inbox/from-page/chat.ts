import type { PageNews } from '../../whatsapp/page/listeners/page-news.ts'
import type { PagePerson } from '../../whatsapp/page/person-of.ts'
import type { HeardEvent } from './heard-event.ts'
import { chatFieldsOf, chatIds, memberOf } from './people.ts'

type News<T extends PageNews['type']> = Extract<PageNews, { type: T }>

export const archivedFromPage = ({ chat, archived, at }: News<'archived'>): HeardEvent =>
  chatEvent('chat.archived', chat, at, { archived })

export const removedFromPage = ({ chat, at }: News<'removed'>): HeardEvent =>
  chatEvent('chat.removed', chat, at, {})

export const unreadFromPage = ({ chat, count, at }: News<'unread'>): HeardEvent =>
  chatEvent('chat.unread', chat, at, { unreadCount: Math.max(0, count), markedUnread: count === -1 })

/** WhatsApp's words. */
const STATES: Readonly<Record<string, string>> = {
  available: 'online',
  unavailable: 'offline',
  typing: 'typing',
  composing: 'typing',
  recording_audio: 'recording',
  recording: 'recording',
}

export function presenceFromPage({ chat, by, state, at }: News<'presence'>): HeardEvent | null {
  const told = STATES[state]
  if (told === undefined) return null
  const more = { from: memberOf(by), state: told, timestamp: new Date(at).toISOString() }
  return chatEvent('presence', chat, at, more)
}

function chatEvent(event: HeardEvent['event'], chat: PagePerson, at: number, more: object): HeardEvent {
  return {
    event,
    // The page gives it no id. The same does not happen to a chat twice within a millisecond.
    occurrence: `${chat.id} ${at} ${JSON.stringify(more)}`,
    chats: chatIds(chat),
    data: { ...chatFieldsOf(chat), ...more },
    isState: true,
  }
}
