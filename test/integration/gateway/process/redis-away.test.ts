import { keys } from '@wsg/shared/redis/keys.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { overload } from '../../../support/overload.ts'
import { type RedisServer, startRedis } from '../../../support/redis.ts'
import { stopwatch } from '../../../support/stopwatch.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { ActingWorker } from '../acting-worker.ts'
import { GatewayUnderTest } from '../gateway-under-test.ts'

let redis: RedisServer
let gateway: GatewayUnderTest
let worker: ActingWorker

beforeEach(async () => {
  redis = await startRedis()
  gateway = await GatewayUnderTest.start(redis.url, { SEND_WAIT_MS: '5000' })
  worker = await ActingWorker.ready(redis.url, 'shop')
})

afterEach(async () => {
  await worker.close()
  await gateway.close()
  await redis.stop()
})

const requests = [
  ['GET', '/health'],
  ['GET', '/readyz'],
  ['GET', '/status'],
  ['GET', '/qr'],
  ['POST', '/send'],
  ['GET', '/sessions'],
  ['GET', '/messages/3EB0000000000000000000'],
  ['POST', '/session/stop'],
] as const

async function expectAway(withinMs: number): Promise<void> {
  for (const [method, url] of requests) {
    const tookMs = stopwatch()
    const answer = await gateway.ask(method, url, {
      session: 'shop',
      ...(url === '/send' && { body: { to: '5511999887766', message: 'Hello' } }),
    })
    expect([url, answer.status, answer.body.code]).toEqual([url, 503, 'redis_unavailable'])
    expect(answer.headers['retry-after']).toBeDefined()
    expect(tookMs()).toBeLessThan(withinMs * overload())
  }
  expect((await gateway.get('/livez')).status).toBe(200)
}

test('answers 503 at once while Redis is away, and everything resumes when it returns', async () => {
  worker.takeSends()
  expect((await gateway.send('shop')).status).toBe(200)
  await redis.kill()
  await waitFor('the gateway to notice', async () => (await gateway.get('/readyz')).status === 503)
  await expectAway(500)
  expect((await gateway.get('/health')).body).toMatchObject({
    redis: 'unavailable',
    uptime: expect.any(Number),
  })
  await redis.restart()
  await waitFor('the gateway to be back', async () => (await gateway.get('/readyz')).status === 200)
  expect(await waitFor('a send', async () => (await gateway.send('shop')).status === 200)).toBe(true)
  expect((await gateway.get('/health')).body.status).toBe('ok')
})

test('answers 503 within two seconds while Redis hangs', async () => {
  redis.pause()
  await expectAway(2_000)
  redis.resume()
  await waitFor('the gateway to be back', async () => (await gateway.get('/readyz')).status === 200)
})

test('what was refused while Redis hung is not sent once it wakes up', async () => {
  const taken = worker.takeSends()
  redis.pause()
  const answers = await Promise.all([1, 2, 3].map(() => gateway.send('shop', {}, {}, '?wait=none')))
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 503])
  redis.resume()
  await waitFor('the gateway to be back', async () => (await gateway.get('/readyz')).status === 200)
  const later: string[] = []
  await waitFor('a send', async () => {
    const { status, body } = await gateway.send('shop')
    if (body.id !== undefined) later.push(body.id)
    return status === 200
  })
  expect(later).toEqual(expect.arrayContaining(taken))
})

test('a message that was accepted is answered 202 though Redis goes away while it is waited for', async () => {
  const pending = gateway.send('shop')
  await waitFor('the record', async () => (await worker.redis.zcard(keys.queued('shop'))) === 1)
  await redis.kill()
  expect(await pending).toMatchObject({
    status: 202,
    body: { status: 'queued', id: expect.stringMatching(/^3EB0/) },
  })
  await redis.restart()
})

test('a full Redis is said to be full, before owners can no longer write', async () => {
  // What buffers take for a moment must not count.
  await worker.redis.setrange('filler', 20_000_000, 'x')
  const used = Number(/used_memory:(\d+)/.exec(await worker.redis.info('memory'))?.[1])
  await worker.redis.config('SET', 'maxmemory', String(Math.round(used * 1.1)))
  const answer = await waitFor('the gateway to notice', async () => {
    const sent = await gateway.send('shop', {}, {}, '?wait=none')
    return sent.status !== 202 && sent
  })
  expect(answer).toMatchObject({ status: 503, body: { code: 'redis_full' } })
  await worker.publish('ready', 'connected')
  await worker.redis.config('SET', 'maxmemory', String(Math.round(used * 0.5)))
  expect(await gateway.get('/qr?wait=0', 'new-one')).toMatchObject({
    status: 503,
    body: { code: 'redis_full' },
  })
})

test('listens, and says that it is not ready, though Redis was never there', async () => {
  await redis.kill()
  const { readGatewayConfig } = await import('@wsg/gateway/src/config.ts')
  const { createGateway } = await import('@wsg/gateway/src/gateway.ts')
  const { createLogger } = await import('@wsg/shared/logger.ts')
  const config = readGatewayConfig({
    API_TOKEN: 'token-of-the-tests',
    REDIS_URL: redis.url,
    LOG_LEVEL: 'silent',
  })
  const early = await createGateway(config, createLogger('gateway', 'silent'))
  expect((await early.app.inject('/livez')).statusCode).toBe(200)
  expect((await early.app.inject('/readyz')).statusCode).toBe(503)
  const tookMs = stopwatch()
  const headers = { authorization: 'Bearer token-of-the-tests', 'x-session-id': 'a' }
  expect((await early.app.inject({ url: '/qr', headers })).statusCode).toBe(503)
  expect(tookMs()).toBeLessThan(500 * overload())
  await redis.restart()
  await waitFor('it to be ready', async () => (await early.app.inject('/readyz')).statusCode === 200)
  expect((await early.app.inject({ url: '/qr?wait=0', headers })).statusCode).toBe(200)
  await early.close()
})
