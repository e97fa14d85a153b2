import type { MessageData } from '@wsg/shared/events/message-data.ts'
import type { PageMessageFacts } from '../../whatsapp/page/describe-message.ts'
import { notWritten } from '../../whatsapp/page/not-written.ts'
import { changedNumberFromPage, groupNoticeFromPage } from './group-notice.ts'
import type { HeardEvent } from './heard-event.ts'
import { chatFieldsOf, chatIds, knownIds } from './people.ts'

/** WhatsApp's types where ours is a better word; every other is told as it is. */
const TYPES: Readonly<Record<string, string>> = {
  chat: 'text',
  ptt: 'voice',
  vcard: 'contact',
  multi_vcard: 'contact',
  poll_creation: 'poll',
  event_creation: 'event',
}

/** @returns null where it says nothing */
export function messageFromPage(facts: PageMessageFacts): HeardEvent | null {
  if (facts.type === 'ciphertext') return undecryptableFromPage(facts)
  if (facts.type === 'gp2') return changedNumberFromPage(facts) ?? groupNoticeFromPage(facts)
  if (facts.type === 'notification_template') return changedNumberFromPage(facts)
  if (notWritten.includes(facts.type)) return null
  return {
    event: facts.fromMe ? 'message.any' : 'message',
    // The same id may be in two chats: the phone's own ids are chosen by it, and others' by theirs.
    occurrence: facts.key,
    chats: chatIds(facts.chat),
    data: messageData(facts),
    heardAt: facts.t,
  }
}

/** A message that cannot be read. It is not noted as heard, since it may be read later. */
export function undecryptableFromPage(facts: PageMessageFacts): HeardEvent {
  const { id, key, chat, author, fromMe, subtype, t } = facts
  const writer = author ?? (fromMe ? undefined : chat)
  return {
    event: 'message.undecryptable',
    occurrence: key,
    chats: chatIds(chat),
    data: {
      id,
      messageId: key,
      ...chatFieldsOf(chat),
      from: writer === undefined ? {} : knownIds(writer),
      fromMe,
      ...(author !== undefined && { author: author.id }),
      reason: subtype?.endsWith('_unavailable_fanout') ? 'phone_only' : 'waiting',
      timestamp: new Date(t * 1_000).toISOString(),
    },
  }
}

/** A message in our words. */
export function messageData(facts: PageMessageFacts): MessageData {
  const { chat, author, fromMe, pushName, quoted, media, location, poll, vcards } = facts
  const isPerson = chat.phone !== undefined || chat.lid !== undefined
  const writer = author ?? (isPerson && !fromMe ? chat : undefined)
  return {
    id: facts.id,
    messageId: facts.key,
    ...chatFieldsOf(chat),
    from: {
      ...(writer !== undefined && knownIds(writer)),
      ...(pushName !== undefined && { pushName }),
    },
    fromMe,
    ...(author !== undefined && { author: author.id }),
    type: TYPES[facts.type] ?? facts.type,
    text: textOf(facts),
    mentions: facts.mentions ?? [],
    ...(quoted !== undefined && {
      quoted: {
        id: quoted.id,
        ...(quoted.author !== undefined && { author: quoted.author }),
        type: TYPES[quoted.type] ?? quoted.type,
        text: quoted.body ?? quoted.caption ?? '',
      },
    }),
    ...(media !== undefined && {
      media: {
        url: `/messages/${encodeURIComponent(facts.key)}/media`,
        state: 'pending' as const,
        ...(media.mimetype !== undefined && { mimetype: media.mimetype }),
        ...(media.size !== undefined && { size: media.size }),
        ...(media.filename !== undefined && { filename: media.filename }),
        ...(Number(media.duration) > 0 && { seconds: Number(media.duration) }),
      },
    }),
    ...(location !== undefined && { location: placeOf(location) }),
    ...(vcards !== undefined || facts.type === 'vcard'
      ? { contacts: (vcards ?? [facts.body ?? '']).map((vcard) => ({ vcard })) }
      : {}),
    ...(poll !== undefined && {
      poll: { question: poll.name, options: poll.options, multiple: poll.selectable !== 1 },
    }),
    ...(facts.isForwarded && { forwarded: true as const }),
    timestamp: new Date(facts.t * 1_000).toISOString(),
    ack: facts.ack,
  }
}

function textOf({ type, body, caption, poll }: PageMessageFacts): string {
  if (type === 'vcard' || type === 'location') return ''
  return body ?? caption ?? poll?.name ?? ''
}

/** WhatsApp writes the name of a place, a line break, and its address. */
function placeOf({ lat, lng, loc }: NonNullable<PageMessageFacts['location']>): MessageData['location'] {
  const [name, ...address] = (loc ?? '').split('\n')
  return {
    latitude: lat,
    longitude: lng,
    ...(name && { name }),
    ...(address.length > 0 && { address: address.join('\n') }),
  }
}
