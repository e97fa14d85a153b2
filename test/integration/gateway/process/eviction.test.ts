import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../../support/redis.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { ActingWorker } from '../acting-worker.ts'
import { GatewayUnderTest } from '../gateway-under-test.ts'

let redis: RedisServer
let client: Redis
let worker: ActingWorker
let gateway: GatewayUnderTest

beforeEach(async () => {
  redis = await startRedis()
  client = new Redis(redis.url)
  worker = await ActingWorker.ready(redis.url, 'shop')
})

afterEach(async () => {
  await gateway.close()
  await worker.close()
  client.disconnect()
  await redis.stop()
})

const setPolicy = (policy: string) => client.config('SET', 'maxmemory-policy', policy)
const figure = async () =>
  /^wsg_redis_may_evict (.*)$/m.exec(String((await gateway.get('/metrics')).body))?.[1]

test('a Redis that may evict messages takes none, and says so, until its policy is mended', async () => {
  gateway = await GatewayUnderTest.start(redis.url)
  await setPolicy('allkeys-lru')
  await waitFor('the gateway to notice', async () => (await gateway.get('/readyz')).status === 503)
  const refused = {
    status: 503,
    body: { code: 'redis_may_evict', retryable: true, evictionPolicy: 'allkeys-lru' },
  }
  expect(await gateway.send('shop', {}, {}, '?wait=none')).toMatchObject(refused)
  const bulk = await gateway.post('/send/bulk', 'shop', '{"to":"5511999887766","message":"a"}\n', {
    'content-type': 'application/x-ndjson',
  })
  expect(bulk).toMatchObject(refused)
  expect(await gateway.get('/readyz')).toMatchObject(refused)
  expect((await gateway.get('/status', 'shop')).body.status).toBe('ready')
  expect(await figure()).toBe('1')
  await setPolicy('noeviction')
  await waitFor('a send', async () => (await gateway.send('shop', {}, {}, '?wait=none')).status === 202)
  expect(await gateway.get('/readyz')).toMatchObject({ status: 200, body: { status: 'ok' } })
  expect(await figure()).toBe('0')
})

test('with REDIS_EVICTION=allow it takes them, and still says so', async () => {
  await setPolicy('allkeys-lru')
  gateway = await GatewayUnderTest.start(redis.url, { REDIS_EVICTION: 'allow' })
  expect((await gateway.send('shop', {}, {}, '?wait=none')).status).toBe(202)
  expect((await gateway.get('/readyz')).body).toEqual({ status: 'ok', evictionPolicy: 'allkeys-lru' })
  expect(await figure()).toBe('1')
})
