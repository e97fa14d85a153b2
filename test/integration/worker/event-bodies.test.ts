import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { markRead, readEvents } from '@wsg/shared/redis/event/read-events.ts'
import type { PageMessageFacts } from '@wsg/worker/src/whatsapp/page/describe-message.ts'
import { expect } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import type { WorkerRig } from './worker-rig.ts'
import { workerTest as it } from './worker-test.ts'

const SECRET = 'what-somebody-wrote'
const SENT = 'what-was-sent'
const MARIA = '5511999887766@c.us'

/** One message of every kind that has something to hide, all of it `SECRET`. */
const written: Partial<PageMessageFacts>[] = [
  { type: 'chat', body: SECRET, quoted: { id: '3A0', type: 'chat', body: SECRET } },
  { type: 'document', caption: SECRET, media: { mimetype: 'application/pdf', size: 9, filename: SECRET } },
  { type: 'location', location: { lat: -23.5, lng: -46.6, loc: SECRET } },
  { type: 'vcard', body: SECRET },
  { type: 'poll_creation', poll: { name: SECRET, options: [SECRET, 'no'], selectable: 1 } },
]

/** Files of Redis that have a text, in the memory's own form and in that of the log. */
async function filesWith(rig: WorkerRig, text: string): Promise<string[]> {
  await rig.redis.config('SET', 'rdbcompression', 'no')
  await rig.redis.save()
  const [, dir = ''] = (await rig.redis.config('GET', 'dir')) as string[]
  const names = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  expect(files.map((file) => file.replace(/.*\./, ''))).toEqual(expect.arrayContaining(['rdb', 'aof']))
  const found = await Promise.all(files.map(async (file) => (await readFile(file)).includes(text)))
  return files.filter((_, i) => found[i])
}

it('with EVENT_BODIES=off nothing that somebody wrote reaches the files of Redis, and every event is told all the same', async ({
  rig,
}) => {
  await rig.wantPaired('s1')
  const worker = await rig.startWorker({ settings: { eventBodies: false } })
  await rig.untilView('s1', 'ready')
  for (const [i, facts] of written.entries())
    worker.clients[0]?.hear('news', {
      type: 'message',
      message: {
        ...{ id: `3A${i}`, key: `false_${MARIA}_3A${i}`, t: 1_764_405_000, ack: 1, fromMe: false },
        chat: { id: MARIA, phone: MARIA },
        ...(facts as { type: string }),
      },
    })
  const events = async () => {
    const logged = await readEvents(rig.redis, 's1', { after: '0-0', limit: 1_000 })
    return logged.filter(({ event }) => event.startsWith('message'))
  }
  await waitFor('them', async () => (await events()).length === written.length)
  expect(await filesWith(rig, SECRET)).toEqual([])
  const told = (await events()).map(({ data }) => JSON.parse(data))
  expect(told.map(({ type }) => type)).toEqual(['text', 'document', 'location', 'contact', 'poll'])
  expect(told[0]).toMatchObject({ id: '3A0', chatId: MARIA, quoted: { id: '3A0', type: 'text' } })
  expect(told[1].media).not.toHaveProperty('filename')
  expect(told[1].media).toMatchObject({ state: 'pending', mimetype: 'application/pdf', size: 9 })
  for (const { bodyUrl } of told) expect(bodyUrl).toBe(`/chats/${encodeURIComponent(MARIA)}/messages`)

  // What is sent waits in Redis with its text; its events have none.
  await markRead(rig.redis, 's1', 60_000)
  const id = await rig.send('s1', '5511999887766', SENT)
  const sent = await waitFor('its event', async () =>
    (await events()).find(({ event, data }) => event === 'message.any' && data.includes(id)),
  )
  expect(sent.data).not.toContain(SENT)
  expect(JSON.parse(sent.data).bodyUrl).toBe(`/chats/${encodeURIComponent(MARIA)}/messages`)
  expect((await filesWith(rig, SENT)).length).toBeGreaterThan(0)
})
