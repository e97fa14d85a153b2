import { randomBytes } from 'node:crypto'
import { chmod, readdir, readFile, rm } from 'node:fs/promises'
import { messageContentSchema } from '@wsg/shared/messages/kinds/message-kinds.ts'
import type { PageNews } from '@wsg/worker/src/whatsapp/page/listeners/page-news.ts'
import { toLibrary } from '@wsg/worker/src/whatsapp/to-library/to-library.ts'
import type { OutgoingMessage } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { oldestAndNewest } from '../support/tested-builds.ts'
import { waitFor } from '../support/wait-for.ts'
import { pair } from './client-steps.ts'
import { newMessageId } from './outgoing-message.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

const PHONE = '4915112345678'
const FRIEND = '491701234567'

/** One red pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
)
const bytes = randomBytes(100_000)

let harness: SimulatorHarness
afterEach(async () => {
  await harness.end()
})

const put = async (data: Buffer): Promise<string> => {
  const stored = await harness.store.put([data] as never, { maxBytes: 1e9, untilMs: Date.now() + 60_000 })
  return stored.id
}
const messageOf = (content: object, upload: string, mimetype: string): OutgoingMessage => ({
  ...toLibrary(messageContentSchema.parse({ ...content, media: { upload, mimetype } })),
  ...{ messageId: newMessageId(), chatId: `${FRIEND}@c.us`, deadline: Date.now() + 60_000 },
})

describe.each(oldestAndNewest)('on the %s build', (build) => {
  test('files that others wrote and own ones come out of the page byte for byte, checked or not, and what has none is told apart', async () => {
    harness = await simulatorHarness({ build })
    await harness.set({ accounts: { [PHONE]: { mimetypeCheck: true } } })
    const client = harness.client('a')
    await pair(harness, client, PHONE)
    const { group } = (await harness.post('/groups', {
      ...{ owner: FRIEND, subject: 'Terms', members: [PHONE] },
    })) as { group: { id: string } }
    const inbound = (mimetype: string, data: Buffer, more: object = {}) => ({
      media: { mimetype, data: data.toString('base64'), ...more },
    })
    const pdf = inbound('application/pdf', bytes, { filename: 'Número 1 — año.pdf' })
    const written = {
      image: await harness.writeContent({ account: PHONE }, FRIEND, inbound('image/png', PNG)),
      voice: await harness.writeContent(
        ...([{ account: PHONE }, FRIEND, inbound('audio/ogg; codecs=opus', bytes, { type: 'ptt' })] as const),
      ),
      document: await harness.writeContent({ account: PHONE, group: group.id }, FRIEND, pdf),
      drawing: await harness.writeContent({ account: PHONE }, FRIEND, inbound('image/svg+xml', bytes)),
      text: await harness.writeContent({ account: PHONE }, FRIEND, { body: 'Hello' }),
    }
    const fetched = async (messageId: string) => {
      const { upload, ...told } = await client.fetchMedia(messageId, Date.now() + 20_000)
      return { ...told, bytes: await readFile(harness.store.pathOf(upload)) }
    }
    expect(await fetched(written.image)).toEqual({ mimetype: 'image/png', bytes: PNG })
    expect(await fetched(written.voice)).toEqual({ mimetype: 'audio/ogg; codecs=opus', bytes })
    expect(await fetched(written.document)).toEqual({
      ...{ mimetype: 'application/pdf', filename: 'Número 1 — año.pdf', bytes },
    })
    const own = messageOf({ type: 'document', filename: 'a.pdf' }, await put(bytes), 'application/pdf')
    await client.prepareMedia(own)
    await client.send(own)
    expect(await fetched(own.messageId)).toEqual({ mimetype: 'application/pdf', filename: 'a.pdf', bytes })

    await expect(fetched('3A00')).rejects.toMatchObject({ code: 'message_not_found' })
    await expect(fetched(written.text)).rejects.toMatchObject({ code: 'message_without_media' })
    await expect(fetched(written.drawing)).rejects.toMatchObject({ code: 'not_supported' })
    await harness.expireFile(written.voice)
    await expect(fetched(written.voice)).rejects.toMatchObject({ code: 'media_gone' })
    expect(await readdir(harness.downloadsPath('a'))).toEqual([])
  })
})

test('an image that takes 2 s is told at once, and comes for who did not wait for it and asks again', async () => {
  harness = await simulatorHarness({ build: '2026-09', downloadDelayMs: 2_000 })
  const client = harness.client('a')
  const told: PageNews[] = []
  client.events.on('news', (news) => told.push(news))
  await pair(harness, client, PHONE)
  const media = { mimetype: 'image/png', data: PNG.toString('base64') }
  const id = await harness.writeContent({ account: PHONE }, FRIEND, { media })
  await waitFor('the message', () => told.some((news) => news.type === 'message'))
  const { message } = told.find((news) => news.type === 'message') ?? {}
  expect(message).toMatchObject({ type: 'image', media: { mimetype: 'image/png', size: PNG.length } })
  await expect(client.fetchMedia(id, Date.now() + 500)).rejects.toThrow('did not come in time')
  const { upload, mimetype } = await client.fetchMedia(id, Date.now() + 20_000)
  expect([mimetype, await readFile(harness.store.pathOf(upload))]).toEqual(['image/png', PNG])
})

test('a large file comes out of the page whole, also for who did not wait for it and asks again', async () => {
  harness = await simulatorHarness({ build: '2026-09' })
  const client = harness.client('a')
  await pair(harness, client, PHONE)
  const large = randomBytes(40_000_000)
  const own = messageOf({ type: 'document', filename: 'a.bin' }, await put(large), 'a/b')
  await client.prepareMedia(own)
  await client.send(own)
  await rm(harness.store.pathOf(own.media?.upload ?? ''))
  await expect(client.fetchMedia(own.messageId, Date.now() + 1)).rejects.toThrow('did not come in time')
  const fetched = await client.fetchMedia(own.messageId, Date.now() + 20_000)
  expect(fetched).toMatchObject({ mimetype: 'a/b', filename: 'a.bin' })
  expect(large.equals(await readFile(harness.store.pathOf(fetched.upload)))).toBe(true)
  expect(await readdir(harness.downloadsPath('a'))).toEqual([])
})

test('tells how much of a large file is uploaded; one whose connection breaks off has sent nothing, and goes again', async () => {
  harness = await simulatorHarness({ build: '2026-09' })
  const client = harness.client('a')
  await pair(harness, client, PHONE)
  const large = randomBytes(24_000_000)
  const message = messageOf({ type: 'document', filename: 'a.bin' }, await put(large), 'a/b')
  const told: number[] = []
  const upload = () => client.prepareMedia(message, (sentBytes) => void told.push(sentBytes))

  await harness.set({ uploadBytesPerSecond: 12_000_000, uploadsEndAt: 18_000_000 })
  await expect(upload()).rejects.toThrow('upload failed')
  expect(Math.max(...told)).toBeGreaterThan(0)
  expect(told.at(-1)).toBe(0)
  await expect(client.send(message)).rejects.toMatchObject({ name: 'PageNotReached' })
  expect(await harness.arrivals(PHONE)).toEqual([])

  told.length = 0
  await harness.set({ uploadsEndAt: 0 })
  await upload()
  expect(told.at(-1)).toBe(large.length)
  expect(told.some((sentBytes) => sentBytes > 0 && sentBytes < large.length)).toBe(true)
  await client.send({ ...message, deadline: Date.now() + 60_000 })
  expect(await harness.arrivals(PHONE)).toHaveLength(1)
})

test('says what is wrong with a file, and sends no message without its own', async () => {
  harness = await simulatorHarness({ build: '2026-09' })
  const client = harness.client('a')
  await pair(harness, client, PHONE)
  const gone = messageOf({ type: 'document' }, 'a'.repeat(64), 'application/pdf')
  await expect(client.prepareMedia(gone)).rejects.toMatchObject({ code: 'media_not_found' })
  await expect(client.send(gone)).rejects.toMatchObject({ name: 'PageNotReached' })
  const noImage = messageOf({ type: 'image' }, await put(bytes), 'image/png')
  await expect(client.prepareMedia(noImage)).rejects.toThrow('MediaFileFailedToLoad')
  const closed = await put(randomBytes(10))
  await chmod(harness.store.pathOf(closed), 0o000)
  await expect(client.prepareMedia(messageOf({ type: 'document' }, closed, 'a/b'))).rejects.toThrow()
  expect(await harness.arrivals(PHONE)).toEqual([])
})
