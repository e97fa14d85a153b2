import { randomBytes } from 'node:crypto'
import { chmod } from 'node:fs/promises'
import { messageContentSchema } from '@wsg/shared/messages/kinds/message-kinds.ts'
import { toLibrary } from '@wsg/worker/src/whatsapp/to-library/to-library.ts'
import type { OutgoingMessage } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { afterEach, describe, expect, test } from 'vitest'
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

const rows = [
  {
    ...{ content: { type: 'image', caption: 'red', viewOnce: true }, data: PNG, mimetype: 'image/png' },
    arrived: { type: 'image', extras: { caption: 'red', isViewOnce: true, width: 1, height: 1 } },
  },
  {
    ...{ content: { type: 'video', gif: true }, data: bytes, mimetype: 'video/mp4' },
    arrived: { type: 'video', extras: { isGif: true } },
  },
  {
    ...{ content: { type: 'audio' }, data: bytes, mimetype: 'audio/mpeg' },
    arrived: { type: 'audio' },
  },
  {
    ...{ content: { type: 'voice' }, data: bytes, mimetype: 'audio/ogg; codecs=opus' },
    arrived: { type: 'ptt' },
  },
  {
    ...{ content: { type: 'document', filename: 'отчёт.pdf', caption: 'the terms' }, data: bytes },
    ...{ mimetype: 'application/pdf' },
    arrived: { type: 'document', extras: { filename: 'отчёт.pdf', caption: 'the terms' } },
  },
  {
    ...{ content: { type: 'document', filename: 'a.png' }, data: PNG, mimetype: 'image/png' },
    arrived: { type: 'document', extras: { filename: 'a.png' } },
  },
]

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
  ...{ messageId: newMessageId(), chatId: `${FRIEND}@c.us`, deadline: Date.now() + 20_000 },
})

describe.each(['legacy', '2026-09'] as const)('on the %s build', (build) => {
  test('files of every kind arrive byte for byte, each as what it was sent, under the ids that were chosen', async () => {
    harness = await simulatorHarness({ build })
    const client = harness.client('a')
    await pair(harness, client, PHONE)
    for (const { content, data, mimetype, arrived } of rows) {
      const message = messageOf(content, await put(data), mimetype)
      await client.prepareMedia(message)
      await client.send(message)
      const { messageId: id } = message
      const found = await waitFor('the message', () => harness.message(id))
      expect(found, content.type).toMatchObject({ id, ...arrived })
      expect(found.extras, content.type).toMatchObject({ mimetype, size: data.length })
      expect(data.equals(await harness.file(id)), content.type).toBe(true)
    }
    const sticker = messageOf({ type: 'sticker' }, await put(PNG), 'image/png')
    await client.prepareMedia(sticker)
    await client.send(sticker)
    const found = await waitFor('the sticker', () => harness.message(sticker.messageId))
    expect(found).toMatchObject({ type: 'sticker' })
    expect((await harness.file(sticker.messageId)).subarray(8, 12).toString()).toBe('WEBP')
  })
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
