import { eventList } from '@wsg/shared/events/events.ts'
import type { HeardEvent } from '@wsg/worker/src/inbox/from-page/heard-event.ts'
import { eventFromPage } from '@wsg/worker/src/inbox/from-page/news.ts'
import type { WhatsAppClient } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { lidOfNumber } from '../simulator/server/lid-of-number.ts'
import { oldestAndNewest } from '../support/tested-builds.ts'
import { waitFor } from '../support/wait-for.ts'
import { nextEvent, pair } from './client-steps.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

const ACCOUNT = '4915112345678'
const MARIA = '5511999887766'
const PEDRO = '5511988776655'
const lidOf = (number: string) => `${lidOfNumber(number)}@lid`
const person = (number: string) => ({ phone: number, lid: lidOf(number) })

describe.each(oldestAndNewest)('what the page of %s tells', (build) => {
  let harness: SimulatorHarness
  let client: WhatsAppClient
  /** Each occurrence once, as the log keeps it: those of this test, and of which others were told before. */
  const heard: HeardEvent[] = []
  const known = new Set<string>()
  const told = (name: string) => heard.filter(({ event }) => event === name)
  const data = (name: string) => told(name).map((event) => event.data)
  const one = async (name: string) => {
    await waitFor(name, () => told(name).length > 0)
    expect(told(name)).toHaveLength(1)
    return data(name)[0]
  }
  const inbound = async (body: object) =>
    (
      (await harness.post('/inbound', { account: ACCOUNT, from: MARIA, ...body })) as {
        message: { id: string }
      }
    ).message.id
  /** What somebody does to a message on a phone. */
  const act = (id: string, what: 'edit' | 'revoke' | 'reaction' | 'vote', more: object = {}) =>
    harness.post(`/messages/${id}/${what}`, { by: MARIA, ...more })

  beforeAll(async () => {
    harness = await simulatorHarness({ build, syncDelayMs: 20, deliveredAckDelayMs: 0 })
    client = harness.client('a')
    client.events.on('news', (news) => {
      if (news.type === 'deaf') throw new Error(`${news.listener}: ${news.detail}`)
      if (news.type === 'unreadable') return
      const event = eventFromPage(news)
      if (event === null) return
      const key = `${event.event} ${event.occurrence}`
      if (known.has(key)) return
      known.add(key)
      heard.push(event)
      const definition = eventList.find(({ name }) => name === event.event)
      definition?.data.strict().parse(event.data)
    })
    await pair(harness, client, ACCOUNT)
  })
  beforeEach(() => {
    heard.length = 0
  })
  afterAll(async () => {
    await harness.end()
  })

  test('a reaction, another one, and that it was taken back, by number and hidden identity', async () => {
    const id = await harness.writeTo(ACCOUNT, MARIA, 'react to me')
    for (const emoji of ['👍', '❤️', '']) await act(id, 'reaction', { emoji })
    await waitFor('them', () => told('message.reaction').length === 3)
    expect(data('message.reaction')).toEqual(
      ['👍', '❤️', ''].map((emoji) =>
        expect.objectContaining({
          ...{ id, messageId: `false_${MARIA}@c.us_${id}`, chatId: `${MARIA}@c.us`, ...person(MARIA) },
          ...{ emoji, fromMe: false, from: person(MARIA) },
        }),
      ),
    )
    expect(told('message')).toHaveLength(1)
  })

  test('every edit of a message, in memory or not, and never a message of its own', async () => {
    const id = await harness.writeTo(ACCOUNT, MARIA, 'frist')
    await act(id, 'edit', { body: 'first' })
    await act(id, 'edit', { body: 'first, see https://example.org' })
    await waitFor('both', () => told('message.edited').length === 2)
    expect(data('message.edited').map((edit) => Reflect.get(edit, 'text'))).toEqual([
      'first',
      'first, see https://example.org',
    ])
    expect(data('message.edited')[0]).toMatchObject({ id, fromMe: false, from: person(MARIA), mentions: [] })
    expect(told('message')).toHaveLength(1)

    // The account does so on its phone.
    heard.length = 0
    const { message } = (await harness.post('/outbound', { account: ACCOUNT, to: MARIA, body: 'mein' })) as {
      message: { id: string }
    }
    await act(message.id, 'edit', { by: ACCOUNT, body: 'mine' })
    expect(await one('message.edited')).toMatchObject({
      ...{ id: message.id, text: 'mine', fromMe: true, from: { phone: ACCOUNT } },
      timestamp: expect.stringMatching(/^\d{4}-/),
    })
    expect(told('message')).toEqual([])
  })

  test('a deletion names the message that was deleted', async () => {
    const id = await harness.writeTo(ACCOUNT, MARIA, 'gone soon')
    await act(id, 'revoke')
    expect(await one('message.revoked')).toMatchObject({
      ...{ id, messageId: `false_${MARIA}@c.us_${id}`, from: person(MARIA), fromMe: false },
    })
    expect(data('message.revoked')[0]).not.toHaveProperty('byAdmin')
  })

  test('what is done to a message that the page has in its store alone', async () => {
    const [edited, revoked] = [
      await harness.writeTo(ACCOUNT, MARIA, 'old'),
      await harness.writeTo(ACCOUNT, MARIA, 'older'),
    ]
    await harness.writeTo(ACCOUNT, MARIA, 'the newest is in memory')
    const listens = nextEvent(client, 'engine')
    await harness.post('/reload', { account: ACCOUNT })
    await listens
    await act(edited, 'edit', { body: 'new' })
    await act(revoked, 'revoke')
    expect(await one('message.edited')).toMatchObject({ id: edited, text: 'new' })
    expect(await one('message.revoked')).toMatchObject({
      id: revoked,
      messageId: `false_${MARIA}@c.us_${revoked}`,
    })
  })

  test('what was done to messages is found again where nobody wrote it down, under the same occurrence', async () => {
    const since = Math.floor(Date.now() / 1_000) - 60
    const [one, other] = [
      await harness.writeTo(ACCOUNT, MARIA, 'one'),
      await harness.writeTo(ACCOUNT, MARIA, 'two'),
    ]
    const poll = await inbound({ poll: { question: 'Tea?', options: ['Yes', 'No'] } })
    await act(one, 'edit', { body: 'once' })
    await act(one, 'reaction', { emoji: '🎉' })
    await act(poll, 'vote', { options: ['No'] })
    await act(other, 'revoke')
    await harness.writeTo(ACCOUNT, MARIA, 'the newest is in memory')
    const acts = () => heard.filter(({ event }) => !event.startsWith('chat.') && event !== 'message')
    await waitFor('them', () => acts().length === 4)
    const before = acts().map(({ event, occurrence, data }) => ({ event, occurrence, data }))

    const listens = nextEvent(client, 'engine')
    await harness.post('/reload', { account: ACCOUNT })
    await listens
    heard.length = 0
    known.clear()
    const seen = { [`${MARIA}@c.us`]: `${Math.floor(Date.now() / 1_000) + 1}` }
    await client.collectMissed({
      base: since,
      seen,
      active: since,
      ownSince: since,
      unreadable: [],
      limit: 500,
    })
    await waitFor('them again', () =>
      before.every((act) => acts().some((it) => it.occurrence === act.occurrence)),
    )
    expect(acts().filter((it) => before.some(({ occurrence }) => occurrence === it.occurrence))).toEqual(
      expect.arrayContaining(before.map((act) => expect.objectContaining(act))),
    )
  })

  test('a file of every kind with where it is and what is known of it', async () => {
    const data = Buffer.from('a file').toString('base64')
    const kinds = { image: 'image/png', sticker: 'image/webp', ptt: 'audio/ogg', document: 'application/pdf' }
    for (const [type, mimetype] of Object.entries(kinds)) await inbound({ media: { type, mimetype, data } })
    await waitFor('them', () => told('message').length === 4)
    expect(told('message').map((event) => Reflect.get(event.data, 'type'))).toEqual([
      'image',
      'sticker',
      'voice',
      'document',
    ])
    for (const [n, mimetype] of Object.values(kinds).entries())
      expect(told('message')[n]?.data).toMatchObject({
        media: { state: 'pending', mimetype, size: 6, url: expect.stringMatching(/^\/messages\/.+\/media$/) },
      })
  })

  test('votes in a poll, by the options that they chose', async () => {
    const id = await inbound({ poll: { question: 'When?', options: ['Mon', 'Tue'], multiple: true } })
    await act(id, 'vote', { options: ['Tue'] })
    await act(id, 'vote', { options: [] })
    await waitFor('both', () => told('poll.vote').length === 2)
    expect(data('poll.vote')).toEqual([
      expect.objectContaining({ id, options: ['Tue'], from: person(MARIA) }),
      expect.objectContaining({ id, options: [] }),
    ])
    expect(await one('message')).toMatchObject({
      type: 'poll',
      poll: { question: 'When?', options: ['Mon', 'Tue'], multiple: true },
    })
  })

  test('a message that cannot be decrypted, and the same one once it can', async () => {
    const id = await inbound({ type: 'ciphertext', fields: { subtype: 'view_once_unavailable_fanout' } })
    expect(await one('message.undecryptable')).toMatchObject({
      id,
      reason: 'phone_only',
      from: person(MARIA),
    })
    expect(told('message')).toEqual([])
    await inbound({ id, body: 'here it is' })
    expect(await one('message')).toMatchObject({ id, text: 'here it is' })
  })

  test('who comes into a group, leaves, becomes an admin, asks to be let in, and what is changed of it', async () => {
    const { group } = (await harness.post('/groups', {
      owner: MARIA,
      subject: 'Team',
      members: [ACCOUNT, PEDRO],
    })) as { group: { id: string; inviteCode: string } }
    const change = (path: string, body: object) =>
      harness.post(`/groups/${path}`, { group: group.id, by: MARIA, ...body })
    await change('members', { action: 'promote', numbers: [PEDRO] })
    await change('members', { action: 'remove', numbers: [PEDRO] })
    await change('members', { action: 'add', numbers: [PEDRO] })
    await change('change', { subject: 'Crew' })
    await change('change', { membershipApprovalMode: true })
    await harness.post('/groups/leave', { group: group.id, by: PEDRO })
    await harness.post('/groups/join', { by: PEDRO, code: group.inviteCode })
    await waitFor('the request', () => told('group.request').length === 1)
    const member = (number: string) => ({ id: lidOf(number), ...person(number) })
    const common = { chatId: group.id, by: member(MARIA) }
    expect(data('group.participants')).toEqual([
      expect.objectContaining({ ...common, participants: [member(PEDRO)], action: 'promoted' }),
    ])
    expect(data('group.leave')).toEqual([
      expect.objectContaining({ ...common, participants: [member(PEDRO)], how: 'removed' }),
      expect.objectContaining({ by: member(PEDRO), participants: [member(PEDRO)], how: 'left' }),
    ])
    expect(data('group.join')).toEqual([
      expect.objectContaining({ ...common, participants: [member(PEDRO)], how: 'added' }),
    ])
    expect(data('group.update')).toEqual([
      expect.objectContaining({ change: 'create' }),
      expect.objectContaining({ ...common, change: 'subject', value: 'Crew' }),
      expect.objectContaining({ change: 'membershipApprovalMode' }),
    ])
    expect(data('group.request')).toEqual([
      expect.objectContaining({ participants: [member(PEDRO)], action: 'asked' }),
    ])

    // An admin deletes what a member wrote.
    heard.length = 0
    await change('members', { action: 'promote', numbers: [ACCOUNT] })
    const { message } = (await harness.post('/outbound', {
      ...{ account: ACCOUNT, to: group.id, body: 'mine' },
    })) as {
      message: { id: string }
    }
    await waitFor('it', () => told('message.any').length === 1)
    await act(message.id, 'revoke')
    expect(await one('message.revoked')).toMatchObject({
      ...{ id: message.id, chatId: group.id, byAdmin: true, fromMe: false, author: lidOf(MARIA) },
    })
  })

  test('that somebody has another number', async () => {
    await harness.post('/numbers/change', { account: ACCOUNT, before: PEDRO, after: MARIA })
    expect(await one('contact.changed')).toMatchObject({
      ...{ before: { id: `${PEDRO}@c.us`, phone: PEDRO }, after: { id: `${MARIA}@c.us`, ...person(MARIA) } },
    })
    expect(told('message')).toEqual([])
  })

  test('that a chat is archived, read, marked as unread and deleted on the phone', async () => {
    await harness.writeTo(ACCOUNT, MARIA, 'a chat')
    const change = (what: object) => harness.post('/chats', { account: ACCOUNT, chat: MARIA, change: what })
    await change({ archived: true })
    await change({ archived: false })
    await change({ unread: false })
    const last = () =>
      data('chat.unread').at(-1) as { unreadCount?: number; markedUnread?: boolean } | undefined
    await waitFor('the count', () => last()?.unreadCount === 0)
    await change({ unread: true })
    await waitFor('the mark', () => last()?.markedUnread)
    await change({ removed: true })
    await waitFor('the removal', () => told('chat.removed').length === 1)
    const chat = { chatId: `${MARIA}@c.us`, ...person(MARIA) }
    expect(data('chat.archived')).toEqual([
      { ...chat, archived: true },
      { ...chat, archived: false },
    ])
    expect(data('chat.unread').slice(-2)).toEqual([
      { ...chat, unreadCount: 0, markedUnread: false },
      { ...chat, unreadCount: 0, markedUnread: true },
    ])
  })

  test('calls, each change with the id of the call: taken elsewhere, missed, rejected', async () => {
    const ring = async () =>
      ((await harness.post('/calls', { account: ACCOUNT, from: MARIA })) as { call: { id: string } }).call.id
    const taken = await ring()
    await harness.post('/calls/change', { id: taken, what: 'accepted' })
    await harness.post('/calls/change', { id: taken, what: 'ended' })
    const other = await ring()
    await harness.post('/calls/change', { id: other, what: 'ended' })
    const refused = await ring()
    await client.perform('call.reject', { callId: refused }, Date.now() + 10_000)
    await waitFor('them', () => told('call.received').length === 7)
    expect(
      data('call.received').map((call) => [Reflect.get(call, 'id'), Reflect.get(call, 'state')]),
    ).toEqual([
      [taken, 'ringing'],
      [taken, 'accepted'],
      [taken, 'ended'],
      [other, 'ringing'],
      [other, 'missed'],
      [refused, 'ringing'],
      [refused, 'rejected'],
    ])
    expect(data('call.received')[0]).toMatchObject({
      from: { id: `${MARIA}@c.us`, ...person(MARIA) },
      isVideo: false,
    })
  })

  test('what is written in a channel that the account reads', async () => {
    const { channel } = (await harness.post('/channels', {
      owner: PEDRO,
      name: 'News',
      subscribers: [ACCOUNT],
    })) as { channel: { id: string } }
    await harness.post('/channels/post', { channel: channel.id, body: 'Extra!' })
    expect(await one('message')).toMatchObject({
      chatId: channel.id,
      text: 'Extra!',
      fromMe: false,
      from: {},
    })
  })

  test('presence of who writes, and only while the account shows itself as available', async () => {
    const show = (type: string) => harness.post('/presence', { account: ACCOUNT, from: MARIA, type })
    await harness.writeTo(ACCOUNT, MARIA, 'nobody is there')
    await show('typing')
    await harness.writeTo(ACCOUNT, MARIA, 'and so nothing is told')
    await waitFor('both', () => told('message').length === 2)
    expect(told('presence')).toEqual([])
    expect(await harness.presence(ACCOUNT)).not.toContain(true)
  })
})
