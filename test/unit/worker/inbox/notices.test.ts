import { eventList } from '@wsg/shared/events/events.ts'
import { messageFromPage } from '@wsg/worker/src/inbox/from-page/message.ts'
import type { PageMessageFacts } from '@wsg/worker/src/whatsapp/page/describe-message.ts'
import { describe, expect, it } from 'vitest'

const MARIA = { id: '163971247583412@lid', phone: '5511999887766@c.us', lid: '163971247583412@lid' }
const PEDRO = { id: '263971247583412@lid', phone: '5511988776655@c.us', lid: '263971247583412@lid' }
const memberOf = ({ id, phone, lid }: typeof MARIA) => ({ id, phone: phone.replace('@c.us', ''), lid })

const notice: PageMessageFacts = {
  ...{ id: '3A01', key: 'false_120363041234567890@g.us_3A01', chat: { id: '120363041234567890@g.us' } },
  ...{ author: MARIA, recipients: [PEDRO], fromMe: false, type: 'gp2', t: 1_764_405_000, ack: 1 },
}

const read = (facts: Partial<PageMessageFacts>) => {
  const event = messageFromPage({ ...notice, ...facts })
  if (event === null) throw new Error('it is no event')
  const definition = eventList.find(({ name }) => name === event.event)
  return { event: event.event, data: definition?.data.strict().parse(event.data) }
}

describe('a notice in a group', () => {
  it.each([
    ['add', 'group.join', { how: 'added' }],
    ['invite', 'group.join', { how: 'invited' }],
    ['linked_group_join', 'group.join', { how: 'invited' }],
    ['remove', 'group.leave', { how: 'removed' }],
    ['promote', 'group.participants', { action: 'promoted' }],
    ['demote', 'group.participants', { action: 'demoted' }],
    ['created_membership_requests', 'group.request', { action: 'asked' }],
    ['revoked_membership_requests', 'group.request', { action: 'withdrawn' }],
  ])('%s is %s, with everybody by number and hidden identity', (subtype, event, more) => {
    expect(read({ subtype })).toEqual({
      event,
      data: {
        chatId: '120363041234567890@g.us',
        by: memberOf(MARIA),
        participants: [memberOf(PEDRO)],
        ...more,
        timestamp: '2025-11-29T08:30:00.000Z',
      },
    })
  })

  it('of somebody who leaves, or asks to be let in, is about who did it', () => {
    for (const subtype of ['leave', 'membership_approval_request'])
      expect(read({ subtype, recipients: [] }).data).toMatchObject({ participants: [memberOf(MARIA)] })
  })

  it.each(['subject', 'description', 'picture', 'announce', 'a_new_one'])(
    '%s is a change of the group, in WhatsApp’s word',
    (subtype) => {
      const { event, data } = read({ subtype, body: 'Crew' })
      expect(event).toBe('group.update')
      expect(data).toMatchObject({ change: subtype, value: 'Crew' })
    },
  )

  it('that a member has another number is that, in a group and between two', () => {
    const after = { id: '5511988776600@c.us', phone: '5511988776600@c.us' }
    expect(read({ subtype: 'modify', author: PEDRO, recipients: [after] })).toMatchObject({
      event: 'contact.changed',
      data: { before: memberOf(PEDRO), after: { id: after.id, phone: '5511988776600' } },
    })
    const between = {
      ...{ type: 'notification_template', subtype: 'change_number', chat: after, recipients: [] },
      templateParams: [after.id, PEDRO.phone],
    }
    expect(read(between)).toMatchObject({
      event: 'contact.changed',
      data: { before: { id: PEDRO.phone, phone: '5511988776655' }, after: { id: after.id } },
    })
  })

  it('of another kind in a chat is no event', () => {
    expect(messageFromPage({ ...notice, type: 'notification_template', subtype: 'blocked' })).toBeNull()
    expect(messageFromPage({ ...notice })).toBeNull()
  })
})

describe('a message that cannot be decrypted', () => {
  it('is told as that, and why', () => {
    const facts = { type: 'ciphertext', chat: MARIA, key: 'false_163971247583412@lid_3A01' }
    const { author: _, recipients: __, ...waiting } = { ...notice, ...facts }
    expect(messageFromPage(waiting)).toEqual({
      event: 'message.undecryptable',
      occurrence: facts.key,
      chats: [MARIA.id, MARIA.phone],
      data: {
        ...{ id: '3A01', messageId: facts.key, chatId: MARIA.id, phone: '5511999887766', lid: MARIA.id },
        ...{ from: { phone: '5511999887766', lid: MARIA.id }, fromMe: false, reason: 'waiting' },
        timestamp: '2025-11-29T08:30:00.000Z',
      },
    })
    const once = messageFromPage({ ...waiting, subtype: 'view_once_unavailable_fanout' })
    expect(once?.data).toMatchObject({ reason: 'phone_only' })
  })
})
