import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FolderStore } from '@wsg/shared/media/folder-store.ts'
import type { Reply } from '@wsg/shared/operations/job.ts'
import { afterAll, describe, expect } from 'vitest'
import { sha256 } from '../../../support/sha256.ts'
import { gatewayTest } from '../gateway-test.ts'

const folder = mkdtempSync(join(tmpdir(), 'gateway-message-media-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const tokenOf = (name: string, role: string, sessions: string[]) => ({
  ...{ name, role, sessions, sha256: sha256(`token-of-${name}`) },
})

const API_TOKENS = JSON.stringify([
  tokenOf('shop', 'sender', ['shop']),
  tokenOf('bank', 'sender', ['bank']),
  tokenOf('screen', 'viewer', ['shop']),
])
const store = new FolderStore(join(folder, 'media'))
const putByWorker = (data: Buffer) =>
  store.put([data] as never, { maxBytes: 1e6, untilMs: Date.now() + 60_000 })

const PDF = Buffer.from('%PDF-1.7\nhello')
const THEIRS = 'false_5511999887766@c.us_3A5B2C1D0E9F8A7B6C5D'

const test = gatewayTest
  .extend('environment', { scope: 'file' }, { API_TOKENS, DATA_DIR: folder })
  .extend(
    'request',
    ({ gateway }) =>
      async (
        method: 'GET' | 'POST',
        url: string,
        { name, session = name, body }: { name: string; session?: string | undefined; body?: unknown },
      ) => {
        const isJson = body !== undefined && !Buffer.isBuffer(body)
        const answer = await gateway.gateway.app.inject({
          ...{ method, url },
          headers: {
            ...{ authorization: `Bearer token-of-${name}` },
            ...(session && { 'x-session-id': session }),
            ...(isJson && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { payload: body as Buffer }),
        })
        const { statusCode: status, headers, rawPayload: bytes } = answer
        const told = /json/.test(String(headers['content-type'])) ? answer.json() : {}
        return { status, headers, bytes, body: told as Record<string, string> }
      },
  )

describe('an upload', () => {
  test('belongs to the session that it is for: whoever knows only its hash neither reads nor sends it', async ({
    ready,
    request,
  }) => {
    await ready('shop')
    await ready('bank')
    const { body } = await request('POST', '/media', { name: 'shop', body: PDF })
    const path = `/media/${body.id}`
    const message = { to: '5511999887766', message: { type: 'document', media: { upload: body.id } } }
    const send = async (name: string) =>
      (await request('POST', '/send?wait=none', { name, body: message })).status
    expect((await request('GET', path, { name: 'shop' })).bytes).toEqual(PDF)
    expect(await send('shop')).toBe(202)
    expect((await request('GET', path, { name: 'bank' })).body.code).toBe('media_not_found')
    expect(await send('bank')).toBe(404)
    expect((await request('GET', path, { name: 'bank', session: 'shop' })).status).toBe(403)
    expect((await request('GET', path, { name: 'bank', session: '' })).status).toBe(400)
    expect((await request('POST', '/media', { name: 'bank', session: '', body: PDF })).status).toBe(400)
    // The bytes are the proof.
    expect((await request('POST', '/media', { name: 'bank', body: PDF })).body.id).toBe(body.id)
    expect(await send('bank')).toBe(202)
  })

  test('of a caller for all sessions, who names none, is for every session', async ({
    gateway,
    ready,
    request,
  }) => {
    await ready('bank')
    const bytes = Buffer.from('%PDF-1.7\nfor all')
    const { id } = (
      await gateway.gateway.app.inject({
        ...{ method: 'POST', url: '/media', payload: bytes },
        headers: { authorization: 'Bearer token-of-the-tests' },
      })
    ).json() as { id: string }
    expect((await request('GET', `/media/${id}`, { name: 'bank' })).bytes).toEqual(bytes)
  })
})

describe('the file of a message', () => {
  test('is fetched by its worker once, and comes with its name and type, also to who may only read', async ({
    ready,
    request,
  }) => {
    const worker = await ready('shop')
    const bytes = Buffer.from('%PDF-1.7\ntheirs')
    const { id: upload } = await putByWorker(bytes)
    const asked: unknown[] = []
    worker.takeJobs(({ name, input }): Reply => {
      asked.push([name, input])
      return { ok: true, output: { upload, mimetype: 'application/pdf', filename: 'a/Número 1 — año.pdf' } }
    })
    const path = `/messages/${encodeURIComponent(THEIRS)}/media`
    for (const name of ['screen', 'shop']) {
      const answer = await request('GET', path, { name, session: 'shop' })
      expect(answer).toMatchObject({ status: 200, bytes })
      expect(answer.headers).toMatchObject({
        'content-type': 'application/pdf',
        'content-length': String(bytes.length),
        'content-disposition': expect.stringContaining(
          "filename*=UTF-8''N%C3%BAmero%201%20%E2%80%94%20a%C3%B1o.pdf",
        ),
      })
    }
    expect(asked).toEqual([['message.media', { id: THEIRS }]])
    expect((await request('GET', `/media/${upload}`, { name: 'bank' })).status).toBe(404)
  })

  test('that was sent through us is served without its page, also while the session is stopped', async ({
    ready,
    request,
  }) => {
    const worker = await ready('shop')
    const document = { type: 'document', filename: 'x', media: { data: PDF.toString('base64') } }
    const send = async (message: unknown) =>
      (
        await request('POST', '/send?wait=none', {
          name: 'shop',
          body: { to: '5511999887766', message },
        })
      ).body.id
    const [withFile, text] = [await send(document), await send('Hello')]
    await worker.publish('stopped', 'operator')
    const answer = await request('GET', `/messages/${withFile}/media`, { name: 'screen', session: 'shop' })
    expect(answer).toMatchObject({ status: 200, bytes: PDF })
    expect(answer.headers['content-disposition']).toContain('x.pdf')
    expect((await request('GET', `/messages/${text}/media`, { name: 'shop' })).body).toMatchObject({
      code: 'message_without_media',
      status: 409,
    })
  })

  test('that cannot be had is refused with the reason', async ({ ready, request }) => {
    const worker = await ready('shop')
    let code: 'message_not_found' | 'media_gone' | 'not_available_in_this_page' = 'message_not_found'
    worker.takeJobs((): Reply => ({ ok: false, code }))
    const ask = async () => (await request('GET', '/messages/3A00/media', { name: 'shop' })).status
    expect(await ask()).toBe(404)
    code = 'media_gone'
    expect(await ask()).toBe(410)
    code = 'not_available_in_this_page'
    expect(await ask()).toBe(501)
    expect((await request('GET', '/messages/3A00/media', { name: 'bank' })).status).toBe(404)
  })
})
