import { eventList } from '@wsg/shared/events/events.ts'
import { eventFromPage, type PageHappening } from '@wsg/worker/src/inbox/from-page/news.ts'
import type { PageAct } from '@wsg/worker/src/whatsapp/page/listeners/page-news.ts'
import { describe, expect, it } from 'vitest'

const MARIA = { id: '163971247583412@lid', phone: '5511999887766@c.us', lid: '163971247583412@lid' }
const GROUP = { id: '120363041234567890@g.us' }

const act: PageAct = {
  key: 'false_163971247583412@lid_3AACT',
  message: { id: '3A01', key: 'true_163971247583412@lid_3A01' },
  chat: MARIA,
  by: MARIA,
  isMine: false,
  at: 1_764_405_060_000,
}

const read = (news: PageHappening) => {
  const event = eventFromPage(news)
  if (event === null) throw new Error('it is no event')
  const definition = eventList.find(({ name }) => name === event.event)
  return { ...event, data: definition?.data.strict().parse(event.data) as Record<string, unknown> }
}

const about = {
  id: '3A01',
  messageId: 'true_163971247583412@lid_3A01',
  chatId: MARIA.id,
  phone: '5511999887766',
  lid: MARIA.id,
  from: { phone: '5511999887766', lid: MARIA.id },
  fromMe: false,
  timestamp: '2025-11-29T08:31:00.000Z',
}

describe('what was done to a message', () => {
  it('is one event for each time, of the message that it was done to', () => {
    expect(read({ type: 'reaction', act, emoji: '👍🏽' })).toEqual({
      event: 'message.reaction',
      occurrence: act.key,
      chats: [MARIA.id, MARIA.phone],
      data: { ...about, emoji: '👍🏽' },
      doneAt: 1_764_405_060,
    })
    expect(read({ type: 'edit', act, text: 'Oi!', mentions: [] }).data).toEqual({
      ...about,
      ...{ text: 'Oi!', mentions: [] },
    })
    expect(read({ type: 'vote', act, options: ['Mon'] }).data).toEqual({ ...about, options: ['Mon'] })
    expect(read({ type: 'vote', act, options: null }).data).toEqual({ ...about, options: null })
  })

  it('may be that an emoji was taken back, in which it is empty', () => {
    expect(read({ type: 'reaction', act, emoji: '' }).data.emoji).toBe('')
  })

  it('in a group says who of it did it, and that it was an admin where somebody else had written', () => {
    const inGroup = { ...act, chat: GROUP }
    const { data, chats } = read({ type: 'revocation', act: inGroup, isAdmin: true })
    expect(data).toMatchObject({ chatId: GROUP.id, author: MARIA.id, from: about.from, byAdmin: true })
    expect(data).not.toHaveProperty('phone')
    expect(chats).toEqual([GROUP.id])
    expect(read({ type: 'revocation', act, isAdmin: false }).data).toEqual(about)
  })
})

describe('what happens to a chat', () => {
  it('is told with both identities', () => {
    const chat = { chatId: MARIA.id, phone: '5511999887766', lid: MARIA.id }
    expect(read({ type: 'archived', chat: MARIA, archived: true, at: act.at }).data).toEqual({
      ...chat,
      archived: true,
    })
    expect(read({ type: 'unread', chat: MARIA, count: -1, at: act.at }).data).toEqual({
      ...chat,
      ...{ unreadCount: 0, markedUnread: true },
    })
    expect(read({ type: 'removed', chat: GROUP, at: act.at }).data).toEqual({ chatId: GROUP.id })
  })

  it.each([
    ['available', 'online'],
    ['unavailable', 'offline'],
    ['typing', 'typing'],
    ['recording_audio', 'recording'],
  ])('presence that WhatsApp calls %s is %s', (state, told) => {
    expect(read({ type: 'presence', chat: MARIA, by: MARIA, state, at: act.at }).data).toMatchObject({
      state: told,
      from: { id: MARIA.id, phone: '5511999887766' },
    })
  })

  it('presence that WhatsApp gives another word is no event', () => {
    expect(eventFromPage({ type: 'presence', chat: MARIA, by: MARIA, state: 'idle', at: 0 })).toBeNull()
  })
})

describe('a call', () => {
  const call = {
    ...{ id: 'A1', from: MARIA, isVideo: true, isGroup: false },
    ...{ endedByUs: false, wasAccepted: false },
  }
  it.each([
    ['rings', { state: 3 }, 'ringing'],
    ['rings, though it began before the page was there', { state: 8 }, 'ringing'],
    ['was taken on another device', { state: 7 }, 'accepted'],
    ['was taken here', { state: 6 }, 'accepted'],
    ['is over after it was taken', { state: null, wasAccepted: true }, 'ended'],
    ['is over, and nobody took it', { state: 0 }, 'missed'],
    ['is over because the account refused it', { state: null, endedByUs: true }, 'rejected'],
  ])('that %s', (_, facts, state) => {
    const event = read({ type: 'call', call: { ...call, ...facts }, at: act.at })
    expect(event).toMatchObject({ occurrence: `A1 ${state}`, data: { id: 'A1', state, isVideo: true } })
  })

  it('is not told of while it is being connected', () => {
    expect(eventFromPage({ type: 'call', call: { ...call, state: 5 }, at: act.at })).toBeNull()
  })
})
