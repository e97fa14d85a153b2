import { expect, test } from 'vitest'
import { chatsOf } from '../simulator/phone/chats.ts'
import type { PhoneMessage } from '../simulator/phone/control-client.ts'

const PHONE = '491701234567'
const FRIEND = '15550001111'
const GROUP = '120363000000000001@g.us'

const said = (id: string, from: string, to: string, more: Partial<PhoneMessage> = {}): PhoneMessage => ({
  ...{ id, from, to, body: `text of ${id}`, type: 'chat', at: '2026-11-30T08:00:00Z', ack: 3 },
  ...more,
})
const about = (id: string, from: string, type: string, addOn: object): PhoneMessage =>
  said(`about-${id}-${type}`, from, from === PHONE ? FRIEND : PHONE, {
    type,
    body: '',
    extras: { target: { id }, addOn },
  })

test('the phone page shows what a phone has, in the chats that it has, with what became of each message', () => {
  const groups = [
    { id: GROUP, subject: 'Team', members: { [PHONE]: 'admin' } },
    { id: '1@g.us', subject: 'Others', members: {} },
  ]
  const options = [
    { name: 'Morning', localId: 0 },
    { name: 'Evening', localId: 1 },
  ]
  const chats = chatsOf(PHONE, groups, [
    said('A', PHONE, FRIEND),
    said('B', FRIEND, GROUP),
    said('C', FRIEND, PHONE, { type: 'poll_creation', extras: { pollName: 'When?', pollOptions: options } }),
    said('D', PHONE, FRIEND),
    said('of-others', FRIEND, '1@g.us'),
    said('elsewhere', FRIEND, '4915'),
    about('A', PHONE, 'message_edit', { text: 'new' }),
    about('A', FRIEND, 'reaction', { reactionText: '👍' }),
    about('D', PHONE, 'reaction', { reactionText: '👍' }),
    about('D', PHONE, 'reaction', { reactionText: '' }),
    about('D', PHONE, 'revoke', {}),
    about('C', PHONE, 'poll_update', { selectedOptionLocalIds: [1] }),
  ])
  expect([...chats.keys()]).toEqual([GROUP, FRIEND])
  expect(chats.get(GROUP)?.map(({ id }) => id)).toEqual(['B'])
  expect(chats.get(FRIEND)).toMatchObject([
    { id: 'A', text: 'new', isEdited: true, reactions: { [FRIEND]: '👍' } },
    { id: 'C', text: 'Poll: When?', votes: { [PHONE]: [1] } },
    { id: 'D', text: 'text of D', isRevoked: true, reactions: {} },
  ])
})
