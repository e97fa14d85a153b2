import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageKinds } from '@wsg/shared/messages/kinds/message-kinds.ts'
import { messageRecordSchema } from '@wsg/shared/messages/message-record.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { afterAll, beforeAll, expect } from 'vitest'
import { sha256 } from '../../../support/sha256.ts'
import { gatewayTest } from '../gateway-test.ts'

const TOKEN = 'Bearer token-of-the-tests'
const TO = '5511999887766'
const folder = mkdtempSync(join(tmpdir(), 'gateway-kinds-'))
const test = gatewayTest.extend(
  'environment',
  { scope: 'file' },
  { DATA_DIR: folder, MEDIA_ALLOW: '127.0.0.1/32' },
)

/** The start of a file of each kind, by which it is known. */
const files: Record<string, Buffer> = {
  image: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
    'base64',
  ),
  video: Buffer.from('000000186674797069736f6d0000020069736f6d6d703432', 'hex'),
  audio: Buffer.concat([Buffer.from('fffb9064', 'hex'), Buffer.alloc(1_000)]),
  voice: Buffer.concat([Buffer.from('OggS'), Buffer.alloc(24), Buffer.from('OpusHead'), Buffer.alloc(40)]),
  document: Buffer.from('%PDF-1.7\nhello'),
  sticker: Buffer.from('524946461a000000574542505650384c0d0000002f0000001007101111888808', 'hex'),
}
const withFile = messageKinds.filter(({ example }) => 'media' in example).map(({ type }) => type)

const server = createServer((request, response) => response.end(files[request.url?.split('/')[1] ?? '']))
let origin: string
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true, force: true })
})

let address: string | undefined
/** As a caller over a socket. */
async function ask(
  gateway: { gateway: { app: { listen(o: object): Promise<string> } } },
  path: string,
  { body, headers = {} }: { body: BodyInit; headers?: Record<string, string> },
) {
  address ??= await gateway.gateway.app.listen({ host: '127.0.0.1', port: 0 })
  const all = { authorization: TOKEN, 'x-session-id': 'kinds', ...headers }
  const response = await fetch(address + path, { method: 'POST', headers: all, body })
  return { status: response.status, body: (await response.json()) as { id: string; error?: string } }
}
const json = (message: object, key?: string) => ({
  headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
  body: JSON.stringify({ to: TO, message }),
})
const SEND = '/send?wait=none'

test.for(messageKinds.map(({ type, example }) => ({ type, example })))(
  'the example of $type is taken as the documentation shows it',
  async ({ type, example }, { gateway, ready }) => {
    const { redis } = await ready('kinds')
    const media = 'media' in example && { media: { url: `${origin}/${type}` } }
    const answer = await ask(gateway, SEND, json({ type, ...example, ...media }))
    expect(answer, answer.body.error).toMatchObject({ status: 202 })
    const record = messageRecordSchema.parse(await redis.hgetall(keys.message('kinds', answer.body.id)))
    expect(record.content).toMatchObject({ type })
  },
)

test.for(withFile)(
  'a file for %s is the same message by upload, address, base64 and form',
  async (type, { gateway, ready }) => {
    const { redis } = await ready('kinds')
    const bytes = new Uint8Array(files[type] as Buffer)
    const id = sha256(bytes)
    const { body } = await ask(gateway, '/media', { body: bytes })
    expect(body).toMatchObject({ id })
    const name = type === 'document' ? { filename: 'offer.pdf' } : {}
    const by = (media: object) => ask(gateway, SEND, json({ type, media, ...name }, `file-of-${type}`))
    const form = new FormData()
    form.set('to', TO)
    form.set('type', type)
    form.set('file', new File([bytes], 'offer.pdf'))
    const answers = [
      await by({ upload: id }),
      await by({ url: `${origin}/${type}` }),
      await by({ data: Buffer.from(bytes).toString('base64') }),
      await ask(gateway, SEND, { body: form }),
    ]
    for (const { status, body } of answers) expect([status, body.error]).toEqual([202, undefined])
    const [first, second, third, last] = answers.map(({ body }) => body.id)
    expect([second, third]).toEqual([first, first])
    const contents = await Promise.all(
      [first, last].map(async (message) =>
        JSON.parse((await redis.hget(keys.message('kinds', message as string), 'content')) ?? ''),
      ),
    )
    expect(contents[1]).toMatchObject({ type, media: { ...contents[0].media, upload: id } })
  },
)
