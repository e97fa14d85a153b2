import { randomBytes } from 'node:crypto'
import { messageContentSchema } from '@wsg/shared/messages/kinds/message-kinds.ts'
import { toLibrary } from '@wsg/worker/src/whatsapp/to-library/to-library.ts'
import type { OutgoingMessage, WhatsAppClient } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildNames } from '../simulator/builds.ts'
import { lidOfNumber } from '../simulator/server/lid-of-number.ts'
import { waitFor } from '../support/wait-for.ts'
import { pair, record } from './client-steps.ts'
import { newMessageId } from './outgoing-message.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

const PHONE = '4915112345678'
const [FRIEND, OTHER] = ['491701234567', '491701234568'] as const
const CHAT = `${FRIEND}@c.us`
const NO_GROUP = '120363999999999999@g.us'

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
  arrived: { type: string; body?: string; extras?: Record<string, unknown> }
}

const rows: Row[] = [
  { content: { type: 'text', text: 'Hello' }, arrived: { type: 'chat', body: 'Hello' } },
  {
    ...{ content: { type: 'image', caption: 'red', viewOnce: true }, data: PNG, mimetype: 'image/png' },
    arrived: { type: 'image', extras: { caption: 'red', isViewOnce: true, width: 1, height: 1 } },
  },
  {
    ...{ content: { type: 'video', gif: true }, data: bytes, mimetype: 'video/mp4' },
    arrived: { type: 'video', extras: { isGif: true } },
  },
  { content: { type: 'audio' }, data: bytes, mimetype: 'audio/mpeg', arrived: { type: 'audio' } },
  { content: { type: 'voice' }, data: bytes, mimetype: 'audio/ogg; codecs=opus', arrived: { type: 'ptt' } },
  {
    ...{ content: { type: 'document', filename: 'отчёт.pdf', caption: 'the terms' }, data: bytes },
    ...{ mimetype: 'application/pdf' },
    arrived: { type: 'document', extras: { filename: 'отчёт.pdf', caption: 'the terms' } },
  },
  {
    ...{ content: { type: 'document', filename: 'a.png' }, data: PNG, mimetype: 'image/png' },
    arrived: { type: 'document', extras: { filename: 'a.png' } },
  },
  { content: { type: 'sticker' }, data: PNG, mimetype: 'image/png', arrived: { type: 'sticker' } },
  {
    content: { type: 'location', latitude: 1.5, longitude: -2.5, name: 'Shop', address: 'Street 1' },
    arrived: { type: 'location', extras: { lat: 1.5, lng: -2.5, loc: 'Shop\nStreet 1' } },
  },
  {
    content: { type: 'contact', contacts: [{ name: 'Ann', phone: FRIEND }] },
    arrived: { type: 'vcard', extras: { vcardFormattedName: 'Ann' } },
  },
  {
    content: { type: 'poll', question: 'When?', options: ['now', 'later'], multiple: true },
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

describe.each(buildNames)('on the %s build', (build) => {
  let harness: SimulatorHarness
  let client: WhatsAppClient
  let group: string
  let said: ReturnType<typeof record>

  beforeAll(async () => {
    harness = await simulatorHarness({ build })
    client = harness.client('a')
    said = record(client)
    await pair(harness, client, PHONE)
    const made = { owner: FRIEND, subject: 'Tea', members: [PHONE, OTHER] }
    group = ((await harness.post('/groups', made)) as { group: { id: string } }).group.id
  })
  afterAll(async () => {
    await harness.end()
  })

  const messageOf = async ({ content, data, mimetype }: Omit<Row, 'arrived'>, chatId: string) => {
    const untilMs = Date.now() + 60_000
    const stored = data && (await harness.store.put([data] as never, { maxBytes: 1e9, untilMs }))
    const media = stored && { media: { upload: stored.id, mimetype } }
    const given = toLibrary(messageContentSchema.parse({ ...content, ...media }))
    return { ...given, messageId: newMessageId(), chatId, deadline: Date.now() + 20_000 }
  }
  const send = async (message: OutgoingMessage) => {
    await client.prepareMedia(message)
    const sent = await client.send(message)
    const arrived = await waitFor('the message', () => harness.message(message.messageId))
    await waitFor('its ack', () =>
      said.some(({ name, args }) => name === 'ack' && args[0] === message.messageId),
    )
    return { sent, arrived }
  }
  const text = (body: string, more: object = {}) => ({ content: { type: 'text', text: body, ...more } })

  test.each(rows)('$content.type arrives as it was sent, at a person and in a group', async (row) => {
    for (const to of [CHAT, group]) {
      const message = await messageOf(row, to)
      const { messageId: id } = message
      const { arrived } = await send(message)
      expect(arrived, to).toMatchObject({ id, chatId: to, ...row.arrived })
      if (row.data === undefined || row.content.type === 'sticker') continue
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
})
