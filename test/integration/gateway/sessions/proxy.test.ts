import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keys } from '@wsg/shared/redis/keys.ts'
import { afterAll, describe, expect } from 'vitest'
import { sha256 } from '../../../support/sha256.ts'
import { TestProxy } from '../../../support/test-proxy.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { gatewayTest } from '../gateway-test.ts'

const PASSWORD = 'secret-word'
const PROXY = `http://user:${PASSWORD}@127.0.0.1:3128`
const SHOWN = 'http://user:***@127.0.0.1:3128'
const session = keys.session('sales')

const folder = mkdtempSync(join(tmpdir(), 'gateway-proxy-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const test = gatewayTest
  .extend(
    'environment',
    { scope: 'file' },
    {
      DATA_DIR: folder,
      MEDIA_ALLOW: '127.0.0.1/32',
      API_TOKENS: JSON.stringify([
        {
          name: 'limited',
          sha256: sha256('limited'),
          role: 'admin',
          sessions: ['sales'],
        },
      ]),
    },
  )
  .extend(
    'put',
    ({ gateway }) =>
      (body: unknown, token?: string) =>
        gateway.ask('PUT', '/session', { session: 'sales', body, ...(token !== undefined && { token }) }),
  )

describe('PUT /session {proxy}', () => {
  test('keeps it apart from what is known of the session, shows it without its password and tells the worker', async ({
    redis,
    gateway,
    ready,
    put,
  }) => {
    const worker = await ready('sales')
    const heard = await worker.hear()
    await redis.hset(session, 'pacing', '{"dailyCap":5}')
    const answer = await put({ proxy: PROXY })
    expect([answer.status, answer.body.proxy]).toEqual([200, SHOWN])
    expect((await gateway.get('/status', 'sales')).body.proxy).toBe(SHOWN)
    expect(await redis.hget(session, 'pacing')).toBe('{"dailyCap":5}')
    expect(JSON.stringify(await redis.hgetall(session))).not.toContain(PASSWORD)
    expect(JSON.parse((await redis.get(keys.proxy('sales'))) as string)).toEqual({
      url: PROXY,
      mayBePrivate: true,
    })
    for (const { raw } of [
      answer,
      ...(await Promise.all([
        gateway.get('/status', 'sales'),
        gateway.get('/sessions'),
        gateway.get('/audit'),
        gateway.get('/metrics'),
      ])),
    ])
      expect(String(raw)).not.toContain(PASSWORD)

    expect((await put({ proxy: null })).body.proxy).toBeNull()
    expect((await gateway.get('/status', 'sales')).body).not.toHaveProperty('proxy')
    expect(await redis.exists(keys.proxy('sales'))).toBe(0)
    await waitFor('the worker to be told', () => heard.length > 1)
    expect(heard).toEqual(['proxy', 'proxy'])
  })

  test('makes a session that is not there, stopped, so that its first browser goes through it too', async ({
    gateway,
    put,
  }) => {
    expect((await put({ proxy: null })).body.code).toBe('session_not_found')
    expect((await put({ proxy: 'socks5://127.0.0.1' })).body).toMatchObject({
      status: 'stopped',
      reason: 'operator',
      proxy: 'socks5://127.0.0.1:1080',
    })
    expect((await gateway.post('/session/start', 'sales')).body.status).toBe('initializing')
    expect((await gateway.get('/status', 'sales')).body.proxy).toBe('socks5://127.0.0.1:1080')
  })

  test('has a session that rests tried at once', async ({ redis, put }) => {
    await redis.hset(session, { createdAt: '1', savedLogin: '1', reason: 'proxy_refused' })
    await redis.zadd(keys.desired, Date.now() + 60_000, 'sales')
    await put({ proxy: PROXY })
    expect(Number(await redis.zscore(keys.desired, 'sales'))).toBeLessThanOrEqual(Date.now())
  })

  test('names what is wrong without repeating it, and changes nothing', async ({ redis, put }) => {
    await redis.hset(session, { createdAt: '1' })
    for (const [proxy, named] of [
      [`socks5://user:${PASSWORD}@127.0.0.1`, 'a socks5 proxy cannot have a password'],
      [`ftp://user:${PASSWORD}@127.0.0.1`, 'must begin with http://, https:// or socks5://'],
      [`http://user:${PASSWORD}@127.0.0.1/x`, 'must end with the port'],
      [SHOWN, 'give the password itself'],
      ['http://169.254.169.254:80', 'never'],
      [7, 'proxy'],
    ] as const) {
      const { status, body, raw } = await put({ proxy })
      expect([status, body.code]).toEqual([400, 'invalid_request'])
      expect(body.error).toContain(named)
      expect(String(raw)).not.toContain(PASSWORD)
    }
    expect((await put({})).body.error).toContain('pacing or proxy')
    expect(await redis.exists(keys.proxy('sales'))).toBe(0)
  })

  test('lets only a token for all sessions name a private one', async ({ redis, put }) => {
    await redis.hset(session, { createdAt: '1' })
    expect((await put({ proxy: PROXY }, 'limited')).body.error).toContain(
      'proxy: 127.0.0.1 is a private address. Only a token for all sessions may name such a proxy',
    )
    expect((await put({ proxy: 'http://93.184.215.14' }, 'limited')).status).toBe(200)
    expect(JSON.parse((await redis.get(keys.proxy('sales'))) as string).mayBePrivate).toBe(false)
  })
})

describe('a file by its URL', () => {
  test.for(['http', 'socks5'] as const)(
    'comes through the %s proxy of its session alone, redirects and refusals as without one',
    async (kind, { gateway, ready, put }) => {
      const password = kind === 'http' ? { user: 'user', password: PASSWORD } : {}
      const proxy = await TestProxy.start({ kind, ...password })
      let hits = 0
      const server = createServer(({ url }, response) => {
        hits += 1
        if (url === '/moved') response.writeHead(302, { location: '/a.pdf' }).end()
        else if (url === '/inside') response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
        else response.end('%PDF-1.7\nhello')
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const place = `127.0.0.1:${(server.address() as AddressInfo).port}`
      const send = async (url: string, name = 'sales') => {
        const message = { type: 'document', media: { url } }
        const { status, body } = await gateway.send(name, { message }, {}, '?wait=none')
        return status === 202 ? status : [status, body.code, body.error, body.retryable]
      }
      try {
        await ready('sales')
        await ready('support')
        await put({ proxy: proxy.url() })
        expect(await send(`http://${place}/a.pdf`)).toBe(202)
        expect(await send(`http://${place}/moved`)).toBe(202)
        const forbidden = [422, 'media_not_fetched', expect.stringContaining('169.254.169.254'), false]
        expect(await send(`http://${place}/inside`)).toEqual(forbidden)
        expect(await send('http://10.0.0.1/a.pdf')).toContain('media_not_fetched')
        // A proxy is asked once more where it first says that it wants a password.
        expect(new Set(proxy.asked)).toEqual(new Set([place]))
        expect(hits).toBe(4)
        const asked = proxy.asked.length
        expect(await send(`http://${place}/a.pdf`, 'support')).toBe(202)
        expect(proxy.asked).toHaveLength(asked)

        if (kind === 'http') {
          proxy.wantPassword('another')
          expect(await send(`http://${place}/a.pdf`)).toEqual([
            ...[422, 'media_not_fetched'],
            expect.stringContaining('the proxy of this session answered 407'),
            false,
          ])
        }
        await proxy.close()
        expect(await send(`http://${place}/a.pdf`)).toEqual([
          ...[422, 'media_not_fetched'],
          'The file could not be fetched from 127.0.0.1: the proxy of this session could not be connected to: ECONNREFUSED.',
          true,
        ])
        expect(hits).toBe(5)
      } finally {
        await proxy.close()
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    },
  )
})
