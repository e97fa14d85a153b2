import type { WhatsAppClient } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BuildName, buildNames } from '../simulator/builds.ts'
import { waitFor } from '../support/wait-for.ts'
import { nextEvent } from './client-steps.ts'
import { asTheTableSays, type OperationsGround, operationsGround } from './operations-ground.ts'
import { newMessageId, textTo } from './outgoing-message.ts'
import type { SimulatorHarness } from './simulator-harness.ts'

const PHONE = '4915112345678'
const FRIEND = '491701234567'
/** WhatsApp keeps its chat under the hidden identity. */
const HIDDEN = '491709876543'
/** Its phone is off. */
const ABSENT = '15550001111'
const CHAT = `${FRIEND}@c.us`
/** One pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
const refusal = (code: string) => ({ name: 'OperationRefused', code })

let ground: OperationsGround
let harness: SimulatorHarness
let client: WhatsAppClient
/** A text of the account that was sent on the build before, and that this page has only in its store. */
let stored: string

beforeAll(async () => {
  ground = await operationsGround(PHONE, {
    ...{ build: 'legacy', syncDelayMs: 20, deliveredAckDelayMs: 0, readAckDelayMs: 86_400_000 },
    lidByNumber: { [HIDDEN]: 'all-under-lid' },
    away: [ABSENT],
  })
  harness = ground.harness
  client = ground.client
  stored = await sent('to be edited later')
})
afterAll(async () => {
  await harness.end()
})

const ask: OperationsGround['ask'] = (name, input) => ground.ask(name, input)
const plain = { linkPreview: false }

/** @returns WhatsApp's full id of a text that the account has sent */
async function sent(text: string, chatId = CHAT): Promise<string> {
  const message = textTo(chatId, text)
  const { messageId } = await client.send(message)
  await waitFor('the text', () => harness.message(message.messageId))
  return messageId
}
/** A poll of the account. */
async function sentPoll(multiple: boolean): Promise<string> {
  const pollOptions = ['Tea', 'Coffee', 'Cake'].map((name, localId) => ({ name, localId }))
  const poll = { pollName: 'What?', pollOptions, options: { allowMultipleAnswers: multiple } }
  return (await client.send({ ...textTo(CHAT, ''), options: { poll } })).messageId
}
const forwardTo = (chatId: string, forwardOf: string) => ({ ...textTo(chatId, ''), forwardOf })
const partOf = (fullId: string) => fullId.split('_')[2] ?? ''
const theirs = async (text: string, from = FRIEND) =>
  `false_${from}@c.us_${await harness.writeTo(PHONE, from, text)}`
/** A text that the account wrote on its phone so many minutes ago. */
async function old(minutes: number): Promise<string> {
  const letter = { account: PHONE, to: FRIEND, body: 'old', at: ago(minutes) }
  const { message } = (await harness.post('/outbound', letter)) as { message: { id: string } }
  return `true_${CHAT}_${message.id}`
}
/** An image that the account has sent from its phone just now. */
async function ownImage(caption?: string): Promise<string> {
  const media = { mimetype: 'image/png', data: PNG, filename: 'a.png' }
  const { message } = (await harness.post('/outbound', {
    ...{ account: PHONE, to: FRIEND, media, ...(caption && { body: caption }) },
  })) as { message: { id: string } }
  return `true_${CHAT}_${message.id}`
}
/** Somebody says something of a message of the account on a phone. */
const say = (from: string, type: string, fullId: string, addOn: object) =>
  harness.post('/inbound', {
    ...{ account: PHONE, from, type },
    fields: { target: { id: partOf(fullId), writer: PHONE }, addOn },
  })
const at = (isDelivered: boolean, isRead: boolean) => ({
  deliveredAt: isDelivered ? expect.stringMatching(/Z$/) : null,
  readAt: isRead ? expect.stringMatching(/Z$/) : null,
  playedAt: null,
})
/** What arrived of that about a message, each as what it says, in order. */
const said = async (fullId: string) => await harness.addOns(partOf(fullId))

describe.each(buildNames)('what one does with messages on the build %s', (build: BuildName) => {
  beforeAll(async () => {
    ground.outcomes.clear()
    if (build === 'legacy') return
    await harness.set({ build })
    const engine = nextEvent(client, 'engine')
    await harness.post('/reload', { account: PHONE })
    await engine
  })

  test('an own text that only the store has is edited, with mention and preview, and nothing twice', async () => {
    const edit = { id: stored, text: 'see https://example.org @491701234567', linkPreview: true }
    for (const _twice of [1, 2])
      expect(await ask('message.edit', { ...edit, mentions: [`+${FRIEND}`] })).toEqual({
        ...{ id: partOf(stored), messageId: stored, chatId: CHAT, text: edit.text },
      })
    expect(await said(stored)).toEqual([
      {
        ...{ type: 'message_edit', text: edit.text },
        extras: expect.objectContaining({ mentionedJidList: [CHAT], title: expect.any(String) }),
      },
    ])
    const again = await ask('message.edit', { id: partOf(stored), text: 'and once more', ...plain })
    expect(again).toMatchObject({ messageId: stored })
    expect((await said(stored)).at(-1)).toMatchObject({ text: 'and once more' })
    stored = await sent('to be edited on the next build')
  })

  test('what cannot be edited is refused with the reason, before anything is tried', async () => {
    const edit = (id: string) => ask('message.edit', { id, text: 'other', ...plain })
    const [other, tooOld, poll] = [await theirs('mine'), await old(16), await sentPoll(false)]
    const bare = await ownImage()
    await expect(edit(other)).rejects.toMatchObject(refusal('message_not_own'))
    await expect(edit(tooOld)).rejects.toMatchObject(refusal('message_too_old'))
    for (const id of [poll, bare])
      await expect(edit(id)).rejects.toMatchObject(refusal('message_not_editable'))
    await expect(edit(`true_${CHAT}_${newMessageId()}`)).rejects.toMatchObject(refusal('message_not_found'))
    await expect(edit(newMessageId())).rejects.toMatchObject(refusal('message_not_found'))
    for (const id of [other, tooOld, poll, bare]) expect(await said(id)).toEqual([])
  })

  test('the caption of an own image is edited', async () => {
    const id = await ownImage('fresh today')
    expect(await ask('message.edit', { id, text: 'sold out', ...plain })).toMatchObject({ text: 'sold out' })
    expect(await said(id)).toMatchObject([{ type: 'message_edit', text: 'sold out' }])
  })

  test('a message is deleted for everyone once, or for the account alone, and else the reason is told', async () => {
    const mine = await sent('to be deleted')
    for (const _twice of [1, 2])
      expect(await ask('message.revoke', { id: mine, forEveryone: true })).toMatchObject({
        ...{ messageId: mine, forEveryone: true },
      })
    expect(await said(mine)).toEqual([{ type: 'revoke' }])
    const edit = ask('message.edit', { id: mine, text: 'other', ...plain })
    await expect(edit).rejects.toMatchObject(refusal('message_revoked'))
    const react = ask('message.react', { id: mine, emoji: '👍' })
    await expect(react).rejects.toMatchObject(refusal('message_revoked'))

    const [other, tooOld] = [await theirs('mine'), await old(60 * 24 * 3)]
    const revoke = (id: string, forEveryone: boolean) => ask('message.revoke', { id, forEveryone })
    await expect(revoke(other, true)).rejects.toMatchObject(refusal('message_not_own'))
    await expect(revoke(tooOld, true)).rejects.toMatchObject(refusal('message_too_old'))
    for (const id of [other, tooOld]) {
      expect(await revoke(id, false)).toMatchObject({ messageId: id, forEveryone: false })
      await expect(revoke(id, false)).rejects.toMatchObject(refusal('message_not_found'))
      expect(await said(id)).toEqual([])
    }
  })

  test('an admin deletes what a member of the group wrote, and nobody else does', async () => {
    const group = await harness.group({ owner: PHONE, members: [FRIEND, HIDDEN] })
    const foreign = await harness.group({ owner: FRIEND, members: [PHONE, HIDDEN] })
    for (const { id, isOurs } of [
      { id: group, isOurs: true },
      { id: foreign, isOurs: false },
    ]) {
      const part = await harness.writeInGroup(id, HIDDEN, 'hello')
      const key = `false_${id}_${part}_${HIDDEN}@c.us`
      const revoking = ask('message.revoke', { id: key, forEveryone: true })
      if (isOurs) expect(await revoking).toMatchObject({ id: part, chatId: id })
      else await expect(revoking).rejects.toMatchObject(refusal('message_not_own'))
      expect(await said(key)).toEqual(isOurs ? [{ type: 'revoke' }] : [])
    }
  })

  test('a reaction is shown, replaced and taken back, also on a message that is named by number in a chat under a LID', async () => {
    const there = await theirs('hello', HIDDEN)
    for (const emoji of ['👍', '👍🏽', ''])
      expect(await ask('message.react', { id: there, emoji })).toMatchObject({
        ...{ id: partOf(there), messageId: expect.stringContaining('@lid_'), emoji },
      })
    expect(await said(there)).toEqual(
      ['👍', '👍🏽', ''].map((reactionText) => ({ type: 'reaction', reactionText })),
    )
  })

  test('a vote is for options that the poll has, and for no more than it takes', async () => {
    const [one, many] = [await sentPoll(false), await sentPoll(true)]
    const vote = (id: string, ...options: string[]) => ask('message.vote', { id, options })
    expect(await vote(one, 'Coffee')).toMatchObject({ messageId: one, options: ['Coffee'] })
    expect(await vote(many, 'Cake', 'Tea')).toMatchObject({ options: ['Cake', 'Tea'] })
    expect(await vote(many)).toMatchObject({ options: [] })
    await expect(vote(one, 'Water')).rejects.toMatchObject({
      ...refusal('poll_options_invalid'),
      message: expect.stringContaining('"Tea","Coffee","Cake"'),
    })
    await expect(vote(one, 'Tea', 'Cake')).rejects.toMatchObject(refusal('poll_options_invalid'))
    await expect(vote(await theirs('no poll'), 'Tea')).rejects.toMatchObject(refusal('not_a_poll'))
    expect(await said(one)).toEqual([{ type: 'poll_update', selectedOptionLocalIds: [1] }])
    expect(await said(many)).toEqual([
      { type: 'poll_update', selectedOptionLocalIds: [0, 2] },
      { type: 'poll_update', selectedOptionLocalIds: [] },
    ])
  })

  test('a message gets a star and loses it, and is pinned for as long as was asked for', async () => {
    const id = await theirs('worth it')
    for (const name of ['message.star', 'message.star', 'message.unstar'] as const)
      expect(await ask(name, { id })).toMatchObject({ messageId: id, starred: name === 'message.star' })
    const { until } = await ask('message.pin', { id, seconds: 604_800 })
    const pinned = async () => (await ask('chat.pinned-messages', { chatId: FRIEND })).items
    expect(await pinned()).toMatchObject([{ text: 'worth it' }])
    expect(Math.abs(Date.parse(until) - Date.now() - 604_800_000)).toBeLessThan(60_000)
    expect(await ask('message.unpin', { id })).toMatchObject({ pinned: false })
    expect(await pinned()).toEqual([])
    expect(await said(id)).toEqual([
      { type: 'pin_in_chat', pinType: 1, pinExpiryDuration: 604_800 },
      { type: 'pin_in_chat', pinType: 2, pinExpiryDuration: 0 },
    ])
  })

  test('an event is answered, and the account’s own gets other fields or is called off', async () => {
    const fields = { eventName: 'Tasting', eventStartTime: 2_000_000_000 }
    const id = await harness.writeContent({ account: PHONE }, FRIEND, { type: 'event_creation', fields })
    for (const response of ['going', 'none'] as const)
      expect(await ask('message.respond', { id, response })).toMatchObject({ messageId: id, response })
    expect(await said(id)).toMatchObject([{ eventResponse: 1 }, { eventResponse: 0 }])
    const event = { name: 'Tasting', startsAt: '2033-05-18T04:00:00Z' }
    await expect(ask('message.edit-event', { id, ...event })).rejects.toMatchObject(
      refusal('message_not_own'),
    )
    const text = await theirs('no event')
    await expect(ask('message.respond', { id: text, response: 'going' })).rejects.toMatchObject(
      refusal('message_not_allowed'),
    )

    const { messageId } = await client.send({
      ...textTo(CHAT, ''),
      options: { event: { name: 'Tasting', startTimeTs: 2_000_000_000, eventSendOptions: {} } },
    } as never)
    const changed = { id: messageId, ...event, location: 'The shop', canceled: true }
    expect(await ask('message.edit-event', changed)).toMatchObject({ messageId })
    expect(await said(messageId)).toMatchObject([
      {
        event: {
          ...{ eventName: 'Tasting', eventStartTime: 2_000_001_600, isEventCanceled: true },
          eventLocation: { name: 'The shop' },
        },
      },
    ])
  })

  test('what is forwarded arrives once, as forwarded, under the id that was chosen for it, or is refused with the reason', async () => {
    const upload = { mimetype: 'image/png', data: PNG, filename: 'a.png' }
    const image = (await harness.post('/inbound', {
      ...{ account: PHONE, from: FRIEND, media: upload, body: 'a caption' },
    })) as { message: { id: string } }
    const fetched = await ask('message.media', { id: `false_${CHAT}_${image.message.id}` })
    expect(fetched).toMatchObject({ mimetype: 'image/png', upload: expect.stringMatching(/^[0-9a-f]{64}$/) })
    const group = await harness.group({ owner: PHONE, members: [FRIEND] })
    for (const { id, arrived, to } of [
      { id: await theirs('pass it on'), arrived: { type: 'chat', body: 'pass it on' }, to: `${HIDDEN}@c.us` },
      { id: await sent('of ours'), arrived: { type: 'chat', body: 'of ours' }, to: group },
      { id: `false_${CHAT}_${image.message.id}`, arrived: { type: 'image' }, to: `${HIDDEN}@c.us` },
    ]) {
      const message = forwardTo(to, id)
      const { messageId } = await client.send(message)
      expect(messageId).toContain(message.messageId)
      const found = await waitFor('the forward', () => harness.message(message.messageId))
      expect(found).toMatchObject({ ...arrived, extras: { isForwarded: true } })
      if (arrived.type === 'image') expect(found.extras).toMatchObject({ caption: 'a caption' })
      const copies = (await harness.arrivals(PHONE)).filter((one) => one.id === message.messageId)
      expect(copies).toHaveLength(1)
    }
    const gone = await sent('gone soon')
    await ask('message.revoke', { id: gone, forEveryone: true })
    for (const [id, code] of [
      [gone, 'message_revoked'],
      [`true_${CHAT}_${newMessageId()}`, 'message_not_found'],
    ] as const)
      await expect(client.send(forwardTo(CHAT, id))).rejects.toMatchObject({ name: 'NotHandedOver', code })
    await expect(
      client.send({ ...forwardTo(CHAT, await sent('late')), deadline: Date.now() - 1 }),
    ).rejects.toMatchObject({ name: 'SendDeadlinePassed' })
  })

  test('receipts are told for each member of a group, of own messages', async () => {
    const group = await harness.group({ owner: PHONE, members: [FRIEND, HIDDEN, ABSENT] })
    const id = await sent('hello all', group)
    await harness.post('/read', { account: FRIEND, from: PHONE, group })
    const { items, remaining } = await waitFor('both', async () => {
      const answer = await ask('message.receipts', { id })
      return answer.items.length === 2 && answer.items.some(({ readAt }) => readAt) && answer
    })
    expect(items.toSorted((a, b) => Number(a.phone) - Number(b.phone))).toEqual([
      { phone: FRIEND, lid: expect.stringMatching(/@lid$/), ...at(true, true) },
      { phone: HIDDEN, lid: expect.stringMatching(/@lid$/), ...at(true, false) },
    ])
    expect(remaining).toEqual({ delivered: 1, read: 2, played: 3 })
    const mine = await sent('to one person')
    await harness.readAll(FRIEND, PHONE)
    await waitFor('the receipt', async () => {
      const { items: one } = await ask('message.receipts', { id: mine })
      return one[0]?.phone === FRIEND && one[0].readAt !== null
    })
    const other = ask('message.receipts', { id: await theirs('mine') })
    await expect(other).rejects.toMatchObject(refusal('message_not_own'))
  })

  test('reactions and votes are told of everybody, and no longer when they are taken back', async () => {
    const [id, poll] = [await sent('liked'), await sentPoll(true)]
    expect(await ask('message.reactions', { id })).toMatchObject({ messageId: id, items: [] })
    await ask('message.react', { id, emoji: '👍' })
    await say(FRIEND, 'reaction', id, { reactionText: '🎉' })
    const reactions = async () =>
      (await ask('message.reactions', { id })).items.map(({ emoji, from, fromMe }) => [
        ...[emoji, from.phone, fromMe],
      ])
    expect(await reactions()).toEqual(
      expect.arrayContaining([
        ['👍', PHONE, true],
        ['🎉', FRIEND, false],
      ]),
    )
    await ask('message.react', { id, emoji: '' })
    expect(await reactions()).toEqual([['🎉', FRIEND, false]])

    await ask('message.vote', { id: poll, options: ['Cake', 'Tea'] })
    await say(FRIEND, 'poll_update', poll, { selectedOptionLocalIds: [2] })
    const votes = await ask('message.votes', { id: poll })
    expect(votes).toMatchObject({ question: 'What?', messageId: poll })
    const tally = [
      { name: 'Tea', votes: 1 },
      { name: 'Coffee', votes: 0 },
      { name: 'Cake', votes: 2 },
    ]
    expect(votes.options).toEqual(tally)
    expect(votes.items.find(({ fromMe }) => fromMe)?.options).toEqual(['Tea', 'Cake'])
    await ask('message.vote', { id: poll, options: [] })
    expect((await ask('message.votes', { id: poll })).items).toMatchObject([
      { from: { phone: FRIEND }, options: ['Cake'] },
    ])
    await expect(ask('message.votes', { id })).rejects.toMatchObject(refusal('not_a_poll'))
  })

  test('texts are searched page by page, in all chats or in one', async () => {
    const word = `needle${build}`
    for (const number of [1, 2, 3]) await theirs(`a ${word} ${number}`, number === 2 ? HIDDEN : FRIEND)
    const search = (more: object = {}) => ask('message.search', { q: word, limit: '2', ...more })
    // A page stores a message a moment after it has told of it.
    await waitFor('all to be stored', async () => (await search({ limit: '3' })).items.length === 3)
    const first = await search()
    expect(first.items.map(({ text }) => text)).toEqual([`a ${word} 3`, `a ${word} 2`])
    expect(first.items[0]).toMatchObject({ chatId: CHAT, fromMe: false, type: 'text' })
    const second = await search({ cursor: first.nextCursor })
    expect(second).toMatchObject({ items: [{ text: `a ${word} 1` }], nextCursor: null })
    expect((await search({ chat: HIDDEN })).items).toMatchObject([{ text: `a ${word} 2`, phone: HIDDEN }])
    expect(await search({ q: `no${word}` })).toEqual({ items: [], nextCursor: null })
    await expect(search({ chat: '4915199999999' })).rejects.toMatchObject(refusal('chat_not_found'))
  })

  test('what WhatsApp does not confirm is told as that, and what it cannot be asked for as not done', async () => {
    const id = await theirs('hello')
    await harness.setAcks(false)
    const reacting = client.perform('message.react', { id, emoji: '👍' }, Date.now() + 1_000)
    await expect(reacting).rejects.toMatchObject({ name: 'PageUnresponsive' })
    await harness.setAcks(true)
    expect(await said(id)).toHaveLength(1)

    await harness.set({ refusePages: true })
    const away = nextEvent(client, 'connection')
    await harness.dropConnection(PHONE)
    await away
    await expect(ask('message.react', { id, emoji: '🎉' })).rejects.toMatchObject({
      ...refusal('worker_failed'),
      message: expect.stringContaining('Nothing was done'),
    })
    const back = nextEvent(client, 'connection')
    await harness.set({ refusePages: false })
    await back
    await ask('message.react', { id, emoji: '❤' })
    expect((await said(id)).at(-1)).toEqual({ type: 'reaction', reactionText: '❤' })
    expect(JSON.stringify(await said(id))).not.toContain('🎉')
  })

  asTheTableSays(import.meta.filename, build, () => ground)
})

test('a page without what forwarding takes says so, and sends all else', async () => {
  const id = await sent('to be passed on')
  await harness.set({ missing: ['WAWebChatForwardMessage'] })
  const engine = nextEvent(client, 'engine')
  await harness.post('/reload', { account: PHONE })
  expect((await engine)[0].missing).toEqual([])
  await expect(client.send(forwardTo(CHAT, id))).rejects.toMatchObject({
    ...{ name: 'NotHandedOver', code: 'not_available_in_this_page' },
    message: expect.stringContaining('WAWebChatForwardMessage'),
  })
  await sent('all the same')
})
