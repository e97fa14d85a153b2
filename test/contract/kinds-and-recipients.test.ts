import { randomBytes } from 'node:crypto'
import { messageContentSchema, refusalOf } from '@wsg/shared/messages/kinds/message-kinds.ts'
import type { Place } from '@wsg/shared/messages/recipient.ts'
import { toLibrary } from '@wsg/worker/src/whatsapp/to-library/to-library.ts'
import type { OutgoingMessage, WhatsAppClient } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lidOfNumber } from '../simulator/server/lid-of-number.ts'
import { oldestAndNewest } from '../support/tested-builds.ts'
import { waitFor } from '../support/wait-for.ts'
import { pair, record } from './client-steps.ts'
import { newMessageId } from './outgoing-message.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

const PHONE = '4915112345678'
const [FRIEND, OTHER] = ['491701234567', '491701234568'] as const
const CHAT = `${FRIEND}@c.us`
const STATUS = 'status@broadcast'
const [NO_GROUP, NO_CHANNEL] = ['120363999999999999@g.us', '120363999999999999@newsletter'] as const

/** One red pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
)
const bytes = randomBytes(100_000)

interface Row {
  content: { type: string } & Record<string, unknown>
  data?: Buffer
  mimetype?: string
  /** With what it is refused there; it arrives everywhere else. */
  refused?: Partial<Record<Place, 'not_supported' | 'not_available_in_this_page'>>
  arrived: { type: string; body?: string; extras?: Record<string, unknown> }
}

const NO_FILES = { channel: 'not_available_in_this_page' } as const
const CHATS_ONLY = { channel: 'not_supported', status: 'not_supported' } as const

const rows: Row[] = [
  { content: { type: 'text', text: 'Hello' }, arrived: { type: 'chat', body: 'Hello' } },
  {
    ...{ content: { type: 'image', caption: 'red' }, data: PNG, mimetype: 'image/png', refused: NO_FILES },
    arrived: { type: 'image', extras: { caption: 'red', width: 1, height: 1 } },
  },
  {
    ...{ content: { type: 'image', viewOnce: true, hd: true }, data: PNG, mimetype: 'image/png' },
    ...{ refused: { ...NO_FILES, status: 'not_supported' } },
    arrived: { type: 'image', extras: { isViewOnce: true } },
  },
  {
    ...{ content: { type: 'video', gif: true }, data: bytes, mimetype: 'video/mp4', refused: NO_FILES },
    arrived: { type: 'video', extras: { isGif: true } },
  },
  {
    ...{ content: { type: 'audio' }, data: bytes, mimetype: 'audio/mpeg', refused: NO_FILES },
    arrived: { type: 'audio' },
  },
  {
    ...{ content: { type: 'voice' }, data: bytes, mimetype: 'audio/ogg; codecs=opus', refused: NO_FILES },
    arrived: { type: 'ptt' },
  },
  {
    ...{ content: { type: 'document', filename: 'отчёт.pdf', caption: 'the terms' }, data: bytes },
    ...{ mimetype: 'application/pdf', refused: CHATS_ONLY },
    arrived: { type: 'document', extras: { filename: 'отчёт.pdf', caption: 'the terms' } },
  },
  {
    ...{ content: { type: 'document', filename: 'a.png' }, data: PNG, mimetype: 'image/png' },
    refused: CHATS_ONLY,
    arrived: { type: 'document', extras: { filename: 'a.png' } },
  },
  {
    ...{ content: { type: 'sticker', name: 'Tea', author: 'Ann' }, data: PNG, mimetype: 'image/png' },
    ...{ refused: { ...NO_FILES, status: 'not_supported' }, arrived: { type: 'sticker' } },
  },
  {
    content: { type: 'location', latitude: 1.5, longitude: -2.5, name: 'Shop', address: 'Street 1' },
    refused: CHATS_ONLY,
    arrived: { type: 'location', extras: { lat: 1.5, lng: -2.5, loc: 'Shop\nStreet 1' } },
  },
  {
    content: { type: 'contact', contacts: [{ name: 'Ann', phone: FRIEND, organization: 'Tea & Co' }] },
    refused: CHATS_ONLY,
    arrived: {
      ...{ type: 'vcard', body: expect.stringContaining(`ORG:Tea & Co\nTEL;type=CELL;waid=${FRIEND}`) },
      extras: { vcardFormattedName: 'Ann' },
    },
  },
  {
    content: {
      type: 'contact',
      contacts: [{ vcard: 'BEGIN:VCARD\nFN:Ben\nEND:VCARD' }, { id: `${OTHER}@c.us` }],
    },
    refused: CHATS_ONLY,
    arrived: {
      type: 'multi_vcard',
      extras: {
        vcardList: [
          { displayName: 'Ben', vcard: 'BEGIN:VCARD\nFN:Ben\nEND:VCARD' },
          { vcard: expect.stringContaining(`waid=${OTHER}`) },
        ],
      },
    },
  },
  {
    content: {
      ...{ type: 'event', name: 'Tea', startsAt: '2027-01-01T12:00:00+02:00' },
      ...{ endsAt: '2027-01-01T11:00:00Z', description: 'with cake', location: 'Street 1', call: 'video' },
    },
    refused: CHATS_ONLY,
    arrived: {
      type: 'event_creation',
      extras: {
        ...{ eventName: 'Tea', eventDescription: 'with cake', eventLocation: { name: 'Street 1' } },
        eventStartTime: Date.UTC(2027, 0, 1, 10) / 1_000,
        eventEndTime: Date.UTC(2027, 0, 1, 11) / 1_000,
        eventJoinLink: expect.stringContaining('/video/'),
      },
    },
  },
  {
    content: { type: 'poll', question: 'When?', options: ['now', 'later'], multiple: true },
    refused: { status: 'not_supported' },
    arrived: {
      type: 'poll_creation',
      extras: {
        pollName: 'When?',
        pollOptions: [
          { name: 'now', localId: 0 },
          { name: 'later', localId: 1 },
        ],
        pollSelectableOptionsCount: 0,
      },
    },
  },
]

describe.each(oldestAndNewest)('on the %s build', (build) => {
  let harness: SimulatorHarness
  let client: WhatsAppClient
  let group: string
  const channels = { own: '', read: '' }
  let said: ReturnType<typeof record>

  beforeAll(async () => {
    harness = await simulatorHarness({ build })
    client = harness.client('a')
    said = record(client)
    await pair(harness, client, PHONE)
    const made = { owner: FRIEND, subject: 'Tea', members: [PHONE, OTHER] }
    group = ((await harness.post('/groups', made)) as { group: { id: string } }).group.id
    for (const [name, owner] of [['own', PHONE] as const, ['read', FRIEND] as const]) {
      const channel = await harness.post('/channels', { owner, name, subscribers: [PHONE] })
      channels[name] = (channel as { channel: { id: string } }).channel.id
    }
  })
  afterAll(async () => {
    await harness.end()
  })

  const messageOf = async ({ content, data, mimetype }: Omit<Row, 'arrived'>, chatId: string) => {
    const untilMs = Date.now() + 60_000
    const stored = data && (await harness.store.put([data] as never, { maxBytes: 1e9, untilMs }))
    const media = stored && { media: { upload: stored.id, mimetype } }
    const parsed = messageContentSchema.parse({ ...content, ...media })
    const given = toLibrary(parsed)
    // As the recipients' resolver does it.
    const cards = given.cards?.map((card) => ('id' in card ? { id: `${card.id}@c.us` } : card))
    return {
      ...{ ...given, ...(cards && { cards }) },
      content: parsed,
      messageId: newMessageId(),
      chatId,
      deadline: Date.now() + 60_000,
    }
  }
  const send = async ({ content: _, ...message }: OutgoingMessage & { content: unknown }) => {
    await client.prepareMedia(message)
    const sent = await client.send(message)
    const arrived = await waitFor('the message', () => harness.message(message.messageId))
    await waitFor('its ack', () =>
      said.some(({ name, args }) => name === 'ack' && args[0] === message.messageId),
    )
    return { sent, arrived }
  }
  const text = (body: string, more: object = {}) => ({ content: { type: 'text', text: body, ...more } })

  test.each(rows)('$content.type arrives wherever it can be sent, answers and is answered', async (row) => {
    const question = await harness.post('/inbound', { group, from: OTHER, body: 'what is it?' })
    const { id: asked } = (question as { message: { id: string } }).message
    const recipients = { person: CHAT, group, channel: channels.own, status: STATUS }
    for (const [place, to] of Object.entries(recipients) as [Place, string][]) {
      const message = await messageOf(row, to)
      const { messageId: id } = message
      const refusal = refusalOf({ to, message: messageContentSchema.parse(message.content) as never })
      expect(refusal?.code, place).toBe(row.refused?.[place])
      if (refusal !== null) continue
      const { arrived } = await send({ ...message, ...(place === 'group' && { replyTo: asked }) })
      expect(arrived, to).toMatchObject({ id, chatId: to, ...row.arrived })
      if (place === 'group') expect(arrived).toMatchObject({ quoted: { id: asked } })
      if (place === 'person') {
        const answer = await send({ ...(await messageOf(text('so it is'), to)), replyTo: id })
        expect(answer.arrived).toMatchObject({ quoted: { id, type: row.arrived.type } })
      }
      if (row.data === undefined) continue
      if (row.content.type === 'sticker') {
        const sticker = await harness.file(id)
        expect(sticker.subarray(8, 12).toString()).toBe('WEBP')
        expect(sticker.toString()).toContain('"sticker-pack-name":"Tea","sticker-pack-publisher":"Ann"')
        continue
      }
      expect(arrived.extras, to).toMatchObject({ mimetype: row.mimetype, size: row.data.length })
      expect(row.data.equals(await harness.file(id)), to).toBe(true)
    }
  })

  test('a group is told whom a text mentions, or that it mentions all, and what it answers', async () => {
    const { message } = (await harness.post('/inbound', { group, from: OTHER, body: 'who comes?' })) as {
      message: { id: string }
    }
    const everybody = [FRIEND, OTHER].map((number) => `${lidOfNumber(number)}@lid`)
    const given = {
      ...(await messageOf(text('all of you', { mentions: 'all' }), group)),
      replyTo: message.id,
    }
    const { arrived, sent } = await send(given)
    expect(sent.messageId).toMatch(new RegExp(`^true_${group}_${given.messageId}_`))
    expect(arrived).toMatchObject({ quoted: { id: message.id, body: 'who comes?' } })
    const mentioned = async (mentions: unknown) =>
      (await send(await messageOf(text('and you', { mentions }), group))).arrived.extras?.mentionedJidList
    expect(new Set(arrived.extras?.mentionedJidList as string[])).toEqual(new Set(everybody))
    expect(await mentioned([everybody[0]])).toEqual([everybody[0]])
    expect(await mentioned(false)).toEqual([])

    const members = Array.from({ length: 300 }, (_, n) => `55119${String(n).padStart(8, '0')}`)
    const { group: large } = (await harness.post('/groups', {
      ...{ owner: FRIEND, subject: 'Many', members: [PHONE, ...members] },
    })) as { group: { id: string } }
    const toMany = await send(await messageOf(text('all of you', { mentions: 'all' }), large.id))
    expect(new Set(toMany.arrived.extras?.mentionedJidList as string[])).toEqual(
      new Set([FRIEND, ...members].map((number) => `${lidOfNumber(number)}@lid`)),
    )
  })

  test('who may not write in a group is told so and nothing arrives; who may again does at once', async () => {
    const sending = async (to = group) => await client.send(await messageOf(text('may I?'), to))
    const change = (path: string, body: object) => harness.post(path, { group, by: FRIEND, ...body })
    const before = (await harness.arrivals(PHONE)).length

    await expect(sending(NO_GROUP)).rejects.toMatchObject({ code: 'chat_not_found' })
    await change('/groups/change', { announce: true })
    await expect(sending()).rejects.toMatchObject({ code: 'group_admins_only' })
    await change('/groups/members', { action: 'promote', numbers: [PHONE] })
    await sending()
    await change('/groups/change', { announce: false })
    await change('/groups/members', { action: 'remove', numbers: [PHONE] })
    await expect(sending()).rejects.toMatchObject({ code: 'not_in_group' })
    await change('/groups/members', { action: 'add', numbers: [PHONE] })
    await sending()
    await change('/groups/leave', { by: PHONE })
    await expect(sending()).rejects.toMatchObject({ code: 'not_in_group' })
    expect(await harness.arrivals(PHONE)).toHaveLength(before + 2)
    await change('/groups/members', { action: 'add', numbers: [PHONE] })
  })

  test('in a channel only its admins write, and nobody in one that is not there', async () => {
    const sending = async (to: string) => await client.send(await messageOf(text('news'), to))
    const before = (await harness.arrivals(PHONE)).length
    await expect(sending(channels.read)).rejects.toMatchObject({ code: 'not_channel_admin' })
    await expect(sending(NO_CHANNEL)).rejects.toMatchObject({ code: 'chat_not_found' })
    expect(await harness.arrivals(PHONE)).toHaveLength(before)
  })

  test('what was posted is found again, and nothing is posted after its deadline', async () => {
    const photo = { content: { type: 'image' }, data: PNG, mimetype: 'image/png' }
    for (const what of [text('good morning'), photo]) {
      const message = await messageOf(what, STATUS)
      const { sent } = await send(message)
      expect(sent.messageId).toMatch(new RegExp(`^true_${STATUS}_${message.messageId}_`))
      expect(await client.findOutcome(message.messageId, STATUS)).toMatchObject({ found: 'acked' })
    }
    const before = (await harness.arrivals(PHONE)).length
    for (const to of [STATUS, channels.own]) {
      const late = client.send({ ...(await messageOf(text('late'), to)), deadline: Date.now() - 1 })
      await expect(late).rejects.toMatchObject({ name: 'SendDeadlinePassed' })
    }
    expect(await harness.arrivals(PHONE)).toHaveLength(before)
  })
})
