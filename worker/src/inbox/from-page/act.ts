import type { PageAct, PageNews } from '../../whatsapp/page/listeners/page-news.ts'
import type { HeardEvent } from './heard-event.ts'
import { chatFieldsOf, chatIds, knownIds } from './people.ts'

type News<T extends PageNews['type']> = Extract<PageNews, { type: T }>

export const reactionFromPage = ({ act, emoji }: News<'reaction'>): HeardEvent =>
  actEvent('message.reaction', act, { emoji })

export const editFromPage = ({ act, text, mentions }: News<'edit'>): HeardEvent =>
  actEvent('message.edited', act, { text, mentions })

export const revocationFromPage = ({ act, isAdmin }: News<'revocation'>): HeardEvent =>
  actEvent('message.revoked', act, isAdmin ? { byAdmin: true } : {})

export const voteFromPage = ({ act, options }: News<'vote'>): HeardEvent =>
  actEvent('poll.vote', act, { options })

function actEvent(event: HeardEvent['event'], act: PageAct, more: object): HeardEvent {
  const { key, message, chat, by, isMine, at } = act
  const isPerson = chat.phone !== undefined || chat.lid !== undefined
  return {
    event,
    occurrence: key,
    chats: chatIds(chat),
    data: {
      id: message.id,
      messageId: message.key,
      ...chatFieldsOf(chat),
      from: knownIds(by),
      fromMe: isMine,
      ...(!isPerson && { author: by.id }),
      ...more,
      timestamp: new Date(at).toISOString(),
    },
    doneAt: Math.floor(at / 1_000),
  }
}
