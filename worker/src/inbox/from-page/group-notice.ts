import type { PageMessageFacts } from '../../whatsapp/page/describe-message.ts'
import type { HeardEvent } from './heard-event.ts'
import { memberOf } from './people.ts'

/** WhatsApp's words for what happens in a group, where it is more than a change of the group. */
const NOTICES: Readonly<Record<string, { event: HeardEvent['event']; more: object }>> = {
  add: { event: 'group.join', more: { how: 'added' } },
  invite: { event: 'group.join', more: { how: 'invited' } },
  linked_group_join: { event: 'group.join', more: { how: 'invited' } },
  accept: { event: 'group.join', more: { how: 'invited' } },
  leave: { event: 'group.leave', more: { how: 'left' } },
  remove: { event: 'group.leave', more: { how: 'removed' } },
  promote: { event: 'group.participants', more: { action: 'promoted' } },
  demote: { event: 'group.participants', more: { action: 'demoted' } },
  membership_approval_request: { event: 'group.request', more: { action: 'asked' } },
  created_membership_requests: { event: 'group.request', more: { action: 'asked' } },
  revoked_membership_requests: { event: 'group.request', more: { action: 'withdrawn' } },
}

/** A line in a group's chat that tells what happened there, and that nobody wrote. */
export function groupNoticeFromPage(facts: PageMessageFacts): HeardEvent | null {
  const { subtype, author, recipients = [], body, chat, key, t } = facts
  if (subtype === undefined) return null
  const notice = NOTICES[subtype]
  // Who asks to be let in, or leaves, is named as the one who did it and not always among whom it is about.
  const people = recipients.length > 0 || author === undefined ? recipients : [author]
  return {
    event: notice?.event ?? 'group.update',
    occurrence: key,
    chats: [chat.id],
    data: {
      chatId: chat.id,
      ...(author !== undefined && { by: memberOf(author) }),
      ...(notice ? { participants: people.map(memberOf), ...notice.more } : { change: subtype }),
      ...(!notice && body !== undefined && { value: body }),
      timestamp: new Date(t * 1_000).toISOString(),
    },
    heardAt: t,
  }
}

/** Somebody has another number: said in each group with the person, and in the person's own chat. */
export function changedNumberFromPage(facts: PageMessageFacts): HeardEvent | null {
  const { type, subtype, author, recipients = [], templateParams = [], chat, key, t } = facts
  const after = type === 'gp2' ? recipients[0] : chat
  const oldId = templateParams.find((id) => id !== chat.id)
  const before = type === 'gp2' ? author : oldId === undefined ? undefined : personOf(oldId)
  if (!['modify', 'change_number'].includes(subtype ?? '') || !after || !before) return null
  return {
    event: 'contact.changed',
    occurrence: key,
    chats: [chat.id],
    data: {
      chatId: chat.id,
      before: memberOf(before),
      after: memberOf(after),
      timestamp: new Date(t * 1_000).toISOString(),
    },
    heardAt: t,
  }
}

function personOf(id: string): { id: string; phone?: string; lid?: string } {
  return { id, ...(id.endsWith('@c.us') && { phone: id }), ...(id.endsWith('@lid') && { lid: id }) }
}
