import type { PageNews } from '../../whatsapp/page/listeners/page-news.ts'
import { editFromPage, reactionFromPage, revocationFromPage, voteFromPage } from './act.ts'
import { callFromPage } from './call.ts'
import { archivedFromPage, presenceFromPage, removedFromPage, unreadFromPage } from './chat.ts'
import type { HeardEvent } from './heard-event.ts'
import { messageFromPage, undecryptableFromPage } from './message.ts'

/** What the page tells, beside what concerns ourselves. */
export type PageHappening = Exclude<PageNews, { type: 'deaf' | 'unreadable' }>

/** How each kind of news is read. */
const readings: {
  [T in PageHappening['type']]: (news: Extract<PageNews, { type: T }>) => HeardEvent | null
} = {
  message: ({ message }) => messageFromPage(message),
  undecryptable: ({ message }) => undecryptableFromPage(message),
  edit: editFromPage,
  revocation: revocationFromPage,
  reaction: reactionFromPage,
  vote: voteFromPage,
  archived: archivedFromPage,
  removed: removedFromPage,
  unread: unreadFromPage,
  presence: presenceFromPage,
  call: callFromPage,
}

/** @returns null where it is no event */
export function eventFromPage(news: PageHappening): HeardEvent | null {
  return readings[news.type](news as never)
}
