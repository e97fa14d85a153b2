import { randomBytes } from 'node:crypto'
import { chmod } from 'node:fs/promises'
import { messageContentSchema } from '@wsg/shared/messages/kinds/message-kinds.ts'
import { toLibrary } from '@wsg/worker/src/whatsapp/to-library/to-library.ts'
import type { OutgoingMessage } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { afterEach, expect, test } from 'vitest'
import { pair } from './client-steps.ts'
import { newMessageId } from './outgoing-message.ts'
import { type SimulatorHarness, simulatorHarness } from './simulator-harness.ts'

const PHONE = '4915112345678'
const FRIEND = '491701234567'

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
  ...{ messageId: newMessageId(), chatId: `${FRIEND}@c.us`, deadline: Date.now() + 20_000 },
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
