import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { messageRecordSchema } from '@wsg/shared/messages/message-record.ts'
import { operations } from '@wsg/shared/operations/operations.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { afterAll, describe, expect } from 'vitest'
import { sha256 } from '../../../support/sha256.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { gatewayTest } from '../gateway-test.ts'

const MB = 1_000_000
const TOKEN = { authorization: 'Bearer token-of-the-tests' }
const folder = mkdtempSync(join(tmpdir(), 'gateway-media-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const test = gatewayTest.extend(
  'environment',
  { scope: 'file' },
  { DATA_DIR: folder, MEDIA_ALLOW: '127.0.0.1/32' },
)
const PDF = Buffer.from('%PDF-1.7\nhello')
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
)

/** Leaves only what somebody holds. */
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

let address: string
const listening = async (gateway: {
  gateway: { app: { server: unknown; listen(o: object): Promise<string> } }
}) => (address ??= await gateway.gateway.app.listen({ host: '127.0.0.1', port: 0 }))

interface Asked {
  method?: string
  headers?: Record<string, string>
  body?: BodyInit
}
const ask = async (path: string, { method = 'POST', headers = {}, body }: Asked) => {
  const response = await fetch(address + path, {
    ...{ method, headers: { ...TOKEN, ...headers }, duplex: 'half' },
    ...(body !== undefined && { body }),
  } as RequestInit)
  const bytes = Buffer.from(await response.arrayBuffer())
  const isJson = /\/(problem\+)?json/.test(response.headers.get('content-type') ?? '')
  return {
    ...{ status: response.status, headers: response.headers, bytes },
    body: isJson ? JSON.parse(String(bytes)) : {},
  }
}
const formOf = (fields: Record<string, string>, file?: { bytes: Buffer; name: string; type?: string }) => {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  if (file) form.set('file', new File([new Uint8Array(file.bytes)], file.name, { type: file.type ?? '' }))
  return form
}
const stored = () => readdirSync(join(folder, 'media')).filter((name) => !name.endsWith('.json'))

describe('POST /media', () => {
  test('stores the body, or the file of a form; the same bytes have the same id', async ({ gateway }) => {
    await listening(gateway)
    const expected = { id: sha256(PDF), sha256: sha256(PDF), mimetype: 'application/pdf', size: PDF.length }
    const raw = await ask('/media', { body: new Uint8Array(PDF), headers: { 'content-type': 'text/html' } })
    expect(raw).toMatchObject({ status: 201, body: expected })
    expect(raw.headers.get('location')).toBe(`/media/${expected.id}`)
    const form = await ask('/media', { body: formOf({}, { bytes: PDF, name: 'a.pdf' }) })
    expect(form).toMatchObject({ status: 201, body: expected })
    const found = await ask(`/media/${expected.id}`, { method: 'GET' })
    expect(found.bytes).toEqual(PDF)
    expect(found.headers.get('content-type')).toBe('application/pdf')
    expect(found.headers.get('content-disposition')).toBe('attachment')
    expect((await ask(`/media/${expected.id}`, { method: 'HEAD' })).status).toBe(200)
    expect(await ask(`/media/${'0'.repeat(64)}`, { method: 'GET' })).toMatchObject({
      status: 404,
      body: { code: 'media_not_found' },
    })
    expect((await ask('/media/..%2f..%2fpasswd', { method: 'GET' })).status).toBe(404)
  })

  test('refuses what is empty, has no file or is no whole form', async ({ gateway }) => {
    await listening(gateway)
    const type = { 'content-type': 'multipart/form-data; boundary=x' }
    for (const asked of [
      { body: new Uint8Array() },
      { body: formOf({}, { bytes: Buffer.alloc(0), name: 'a' }) },
      { body: formOf({ a: 'b' }) },
      { body: '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nabc', headers: type },
      { body: 'abc', headers: { 'content-type': 'multipart/form-data' } },
    ])
      expect(await ask('/media', asked)).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
  })

  test('refuses a caller without a token, and a file that is said to be too large, before any of it is read', async ({
    gateway,
  }) => {
    await listening(gateway)
    const { port } = gateway.gateway.app.server.address() as AddressInfo
    const answerTo = async (headers: string) => {
      const socket = connect(port, '127.0.0.1')
      socket.write(`POST /media HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n`)
      const [answer] = await new Promise<Buffer[]>((resolve) =>
        socket.once('data', (data) => resolve([data])),
      )
      socket.destroy()
      return String(answer).split(' ')[1]
    }
    expect(await answerTo(`content-length: 1000`)).toBe('401')
    expect(await answerTo(`authorization: ${TOKEN.authorization}\r\ncontent-length: ${102 * MB}`)).toBe('413')
  })

  test('takes 100 MB as they come, in a form or not, without holding them, and not a byte more', async ({
    gateway,
  }) => {
    await listening(gateway)
    const piece = randomBytes(MB)
    const held = () => {
      collectGarbage()
      return process.memoryUsage().arrayBuffers
    }
    const before = held()
    let peak = 0
    const bytesOf = (total: number, around: [string, string] = ['', '']) =>
      new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode(around[0])),
        pull(controller) {
          const next = Math.min(total, MB)
          if (next > 0) controller.enqueue(piece.subarray(0, next))
          total -= next
          if (total % (10 * MB) === 0) peak = Math.max(peak, held() - before)
          if (total > 0) return
          controller.enqueue(new TextEncoder().encode(around[1]))
          controller.close()
        },
      })
    const form = ['--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n', '\r\n--x--\r\n']
    const answers = [
      await ask('/media', { body: bytesOf(100 * MB) as never }),
      await ask('/media', {
        body: bytesOf(100 * MB, form as [string, string]) as never,
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
      }),
    ]
    for (const { status, body } of answers) expect([status, body.size]).toEqual([201, 100 * MB])
    expect(answers[1]?.body.id).toBe(answers[0]?.body.id)
    expect(peak).toBeLessThan(40 * MB)
    const tooLarge = await ask('/media', { body: bytesOf(100 * MB + 1) as never })
    expect(tooLarge).toMatchObject({ status: 413, body: { code: 'payload_too_large' } })
    await waitFor('nothing to be left of it', () => stored().every((name) => !name.endsWith('.part')))
  })
})

describe('a message with a file', () => {
  const record = async (
    ready: { redis: { hgetall(key: string): Promise<Record<string, string>> } },
    id: string,
  ) => messageRecordSchema.parse(await ready.redis.hgetall(keys.message('files', id)))

  test('is the same message however its file came, and holds no byte of it', async ({ gateway, ready }) => {
    await listening(gateway)
    const worker = await ready('files')
    const session = { 'x-session-id': 'files' }
    const { id: upload } = (await ask('/media', { body: new Uint8Array(PNG) })).body
    const json = (media: object, key?: string) =>
      ask('/send?wait=none', {
        headers: { ...session, 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
        body: JSON.stringify({ to: '5511999887766', message: { type: 'image', caption: 'red', media } }),
      })
    const first = await json({ upload }, 'one')
    expect(first.status).toBe(202)
    const url = `data:image/png;base64,${PNG.toString('base64')}`
    for (const data of [PNG.toString('base64'), PNG.toString('base64url'), url]) {
      const again = await json({ data }, 'one')
      expect(again.headers.get('idempotent-replayed')).toBe('true')
      expect(again.body.id).toBe(first.body.id)
    }
    const fields = { to: '5511999887766', type: 'image', caption: 'red' }
    const form = await ask('/send?wait=none', {
      headers: session,
      body: formOf(fields, { bytes: PNG, name: 'red.png' }),
    })
    expect(form.status).toBe(202)
    const media = { upload, mimetype: 'image/png' }
    expect((await record(worker, first.body.id)).content).toMatchObject({
      type: 'image',
      caption: 'red',
      media,
    })
    expect((await record(worker, form.body.id)).content).toMatchObject({ filename: 'red.png', media })
    const other = await json({ data: PDF.toString('base64') }, 'one')
    expect(other).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
    expect(other.body.error).toContain('application/pdf')
    expect(await json({ upload: '0'.repeat(64) })).toMatchObject({
      status: 404,
      body: { code: 'media_not_found' },
    })
    expect(await json({ data: '#' })).toMatchObject({ status: 400 })
  })

  test('becomes what its file is where a form says nothing, and its name is made safe', async ({
    gateway,
    ready,
  }) => {
    await listening(gateway)
    const worker = await ready('files')
    const send = async (bytes: Buffer, name: string, type?: string, more: Record<string, string> = {}) => {
      const fields = { to: '5511999887766', ...more }
      const file = { bytes, name, ...(type !== undefined && { type }) }
      const answer = await ask('/send?wait=none', {
        headers: { 'x-session-id': 'files' },
        body: formOf(fields, file),
      })
      return answer.status === 202 ? (await record(worker, answer.body.id)).content : answer.body.error
    }
    expect(await send(PNG, 'x')).toMatchObject({ type: 'image' })
    expect(await send(PDF, '../x')).toMatchObject({ type: 'document', filename: 'x.pdf' })
    expect(await send(Buffer.from('a,b'), 'año.csv', 'text/csv')).toMatchObject({
      ...{ type: 'document', filename: 'año.csv' },
      media: { mimetype: 'text/csv' },
    })
    expect(await send(PNG, 'x', undefined, { type: 'voice' })).toContain('audio/ogg; codecs=opus')
    expect(await send(PNG, 'x', undefined, { colour: 'red' })).toContain("unknown field 'colour'")
    expect(await send(PNG, 'x', undefined, { sendAt: 'soon' })).toContain('sendAt')
  })

  test('comes as a line of a batch like any other', async ({ gateway, ready }) => {
    await listening(gateway)
    const worker = await ready('files')
    const { id: upload } = (await ask('/media', { body: new Uint8Array(PDF) })).body
    const line = (media: object) => ({ to: '5511999887766', message: { type: 'document', media } })
    const lines = [line({ upload }), line({ upload: '0'.repeat(64) }), line({ data: PDF.toString('base64') })]
    const { bytes } = await ask('/send/bulk', {
      headers: {
        ...{ 'x-session-id': 'files', 'content-type': 'application/json' },
        accept: 'application/x-ndjson',
      },
      body: JSON.stringify(lines),
    })
    const answers = String(bytes).trim().split('\n')
    const [first, refused, last] = answers.map((text) => JSON.parse(text))
    expect(refused).toMatchObject({ line: 2, code: 'media_not_found' })
    for (const { id } of [first, last])
      expect((await record(worker, id)).content).toMatchObject({ media: { upload } })
  })

  test('is of the type that its bytes have, whatever is said of them', async ({ gateway, ready }) => {
    await listening(gateway)
    const worker = await ready('files')
    const lies = {
      pdf: PDF,
      program: Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)]),
      drawing: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
      page: Buffer.from('<!DOCTYPE html><script>alert(1)</script>'),
    }
    for (const [name, bytes] of Object.entries(lies)) {
      const media = { data: `data:image/png;base64,${bytes.toString('base64')}`, mimetype: 'image/png' }
      const refused = await gateway.send('files', { message: { type: 'image', media } }, {}, '?wait=none')
      expect([name, refused.status, refused.body.code]).toEqual([name, 415, 'unsupported_media_type'])
      const form = await ask('/send?wait=none', {
        headers: { 'x-session-id': 'files' },
        body: formOf({ to: '5511999887766' }, { bytes, name: 'cat.jpg', type: 'image/jpeg' }),
      })
      expect([name, form.status]).toEqual([name, 202])
      expect((await record(worker, form.body.id)).content).toMatchObject({ type: 'document' })
      // Whoever is led to it in a browser runs nothing of it.
      const file = await ask(`/messages/${form.body.id}/media`, {
        ...{ method: 'GET', headers: { 'x-session-id': 'files' } },
      })
      expect(file.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
      expect(file.headers.get('x-content-type-options')).toBe('nosniff')
      expect(file.headers.get('content-disposition')).toMatch(/^attachment/)
    }
  })

  test('keeps its file for as long as it may wait', async ({ gateway, ready }) => {
    await listening(gateway)
    await ready('files')
    const bytes = randomBytes(10)
    const { id: upload } = (await ask('/media', { body: new Uint8Array(bytes) })).body
    const inAMonth = new Date(Date.now() + 30 * 86_400_000).toISOString()
    const message = { type: 'document', media: { upload } }
    expect((await gateway.send('files', { message, sendAt: inAMonth })).status).toBe(202)
    const { mtimeMs } = statSync(join(folder, 'media', `${upload}.json`))
    expect(mtimeMs).toBeGreaterThan(Date.parse(inAMonth) + 86_400_000)
  })

  test('is fetched from its address, of whatever is an answer, and says what was wrong where it is none', async ({
    gateway,
    ready,
  }) => {
    await listening(gateway)
    const worker = await ready('files')
    const server = createServer((request, response) => {
      const { url = '', headers } = request
      if (headers.accept === undefined || headers['user-agent'] === undefined) response.writeHead(406).end()
      else if (url.startsWith('/moved')) response.writeHead(302, { location: '/a%20b.pdf' }).end()
      else if (url.startsWith('/inside'))
        response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
      else if (url.startsWith('/round')) response.writeHead(302, { location: '/round' }).end()
      else if (url.endsWith('.pdf'))
        response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(PDF)
      else if (url.startsWith('/csv'))
        response.writeHead(200, { 'content-type': 'text/csv; charset=binary' }).end('a,b')
      else if (url.startsWith('/page'))
        response.writeHead(200, { 'content-type': 'image/jpeg' }).end('<html>')
      else if (url.startsWith('/large')) response.writeHead(200, { 'content-length': 103 * MB }).write('x')
      else if (url.startsWith('/cut')) {
        response.writeHead(200, { 'content-length': 100 }).write('x')
        setTimeout(() => response.destroy(), 50)
      } else response.writeHead(404, { 'content-type': 'text/html' }).end('<html>')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const send = async (url: string, type = 'document') => {
      const message = { type, media: { url } }
      const { status, body } = await gateway.send('files', { message }, {}, '?wait=none')
      if (status !== 202) return [status, body.code, body.error]
      return (await record(worker, body.id)).content
    }
    try {
      const pdf = { type: 'document', media: { upload: sha256(PDF), mimetype: 'application/pdf' } }
      expect(await send(`${origin}/a%20b.pdf`)).toMatchObject({ ...pdf, filename: 'a b.pdf' })
      expect(await send(`${origin}/moved.x`)).toMatchObject(pdf)
      expect(await send(`${origin}/csv`)).toMatchObject({ media: { mimetype: 'text/csv' } })
      const refused = (what: string) => [422, 'media_not_fetched', expect.stringContaining(what)]
      expect(await send(`${origin}/nothing`)).toEqual(refused('127.0.0.1 answered 404'))
      expect(await send(`${origin}/round`)).toEqual(refused('redirects too often'))
      expect(await send(`${origin}/cut`)).toEqual(refused('broke off'))
      expect(await send(`${origin}/inside`)).toEqual(refused('169.254.169.254'))
      expect(await send('http://[::ffff:10.0.0.1]/a.pdf')).toEqual(refused('MEDIA_ALLOW'))
      expect(await send('http://2130706434/a.pdf')).toEqual(refused('private'))
      expect(await send(`${origin}/large`)).toEqual([413, 'payload_too_large', expect.any(String)])
      const lie = [415, 'unsupported_media_type', expect.stringContaining('takes only image/jpeg')]
      expect(await send(`${origin}/page`, 'image')).toEqual(lie)
      expect(await send('file:///etc/passwd')).toEqual([400, 'invalid_request', expect.any(String)])
    } finally {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })
})

describe('a picture', () => {
  test('comes in a form, as base64, by its id or from an address, and its worker is told which file of the store it is', async ({
    gateway,
    ready,
  }) => {
    await listening(gateway)
    const worker = await ready('files')
    const inputs: unknown[] = []
    worker.takeJobs(({ name, input }) => {
      inputs.push([name, input])
      return { ok: true, output: operations['profile.set-picture'].example.output }
    })
    const server = createServer((_, response) => response.writeHead(200).end(PNG))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/logo`
    const headers = { 'x-session-id': 'files' }
    const json = { ...headers, 'content-type': 'application/json' }
    const put = (media: object) =>
      ask('/profile/picture', { method: 'PUT', headers: json, body: JSON.stringify({ media }) })
    try {
      const form = formOf({}, { bytes: PNG, name: 'logo.png' })
      expect(await ask('/profile/picture', { method: 'PUT', headers, body: form })).toMatchObject({
        status: 200,
      })
      for (const media of [{ data: PNG.toString('base64') }, { upload: sha256(PNG) }, { url }])
        expect(await put(media)).toMatchObject({ status: 200 })
    } finally {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
    const stored = ['profile.set-picture', { media: { upload: sha256(PNG), mimetype: 'image/png' } }]
    expect(inputs).toEqual([stored, stored, stored, stored])

    expect(await put({ data: PDF.toString('base64') })).toMatchObject({
      status: 415,
      body: { code: 'unsupported_media_type', error: expect.stringContaining('must be image/jpeg') },
    })
    expect(await put({ upload: '0'.repeat(64) })).toMatchObject({
      status: 404,
      body: { code: 'media_not_found' },
    })
    const form = formOf({ caption: 'x' }, { bytes: PNG, name: 'logo.png' })
    expect(await ask('/profile/picture', { method: 'PUT', headers, body: form })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining("unknown field 'caption'") },
    })
  })
})
