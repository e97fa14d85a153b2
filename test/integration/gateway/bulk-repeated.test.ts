import { keys } from '@wsg/shared/redis/keys.ts'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../support/redis.ts'
import { ActingWorker } from './acting-worker.ts'
import { lineOf, NDJSON } from './bulk-client.ts'
import { GatewayUnderTest } from './gateway-under-test.ts'

let redis: RedisServer
let client: Redis
let gateway: GatewayUnderTest
let other: GatewayUnderTest
let worker: ActingWorker

beforeAll(async () => {
  redis = await startRedis()
  client = new Redis(redis.url)
  gateway = await GatewayUnderTest.start(redis.url)
  other = await GatewayUnderTest.start(redis.url)
})

beforeEach(async () => {
  worker = await ActingWorker.ready(redis.url, 'shop')
})

afterEach(async () => {
  await worker.close()
  await client.flushall()
})

afterAll(async () => {
  client.disconnect()
  await Promise.all([gateway.close(), other.close()])
  await redis.stop()
})

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
const lines = (count: number) =>
  numbers(count)
    .map((number) => lineOf(number))
    .join('')
const bulk = (body: string, headers: Record<string, string> = {}, query = '', through = gateway) =>
  through.post(`/send/bulk${query}`, 'shop', body, { 'content-type': NDJSON, ...headers })
const batchOf = async (id: string) => (await other.get(`/batches/${id}`, 'shop')).body
const queued = () => client.zrange(keys.queued('shop'), 0, '-1')
const records = async () => (await client.keys(keys.message('shop', '*'))).length
describe('Idempotency-Key of a batch', () => {
  const key = { 'idempotency-key': 'campaign-7' }

  test('repeating it doubles nothing, counts nothing twice, and answers under the same batch', async () => {
    const first = await bulk(lines(20), key)
    const again = await bulk(lines(20), key, '', other)
    expect(again.body).toMatchObject({
      batchId: first.body.batchId,
      total: 20,
      accepted: 0,
      replayed: 20,
      refused: 0,
    })
    expect([await records(), (await queued()).length]).toEqual([20, 20])
    expect(await batchOf(first.body.batchId)).toMatchObject({ total: 20, accepted: 20 })
  })

  test('two simultaneous uploads at two gateways make one message a line', async () => {
    const answers = await Promise.all([bulk(lines(600), key), bulk(lines(600), key, '', other)])
    const [a, b] = answers.map(({ body }) => body)
    expect(a.batchId).toBe(b.batchId)
    expect([a.accepted + b.accepted, a.replayed + b.replayed]).toEqual([600, 600])
    expect([await records(), (await queued()).length]).toEqual([600, 600])
    expect(await batchOf(a.batchId)).toMatchObject({ accepted: 600, counts: { queued: 600 } })
  })

  test('a line with another text than before is refused by itself', async () => {
    await bulk(lines(3), key)
    const changed = `${lineOf(1)}${lineOf(9)}${lineOf(3)}${lineOf(4)}`
    expect((await bulk(changed, key)).body).toMatchObject({
      accepted: 1,
      replayed: 2,
      refusals: [{ line: 2, code: 'idempotency_key_reused' }],
    })
  })

  test("a line's own key is the one that POST /send knows, and two lines with one are one message", async () => {
    const own = (number: number) => lineOf(number, { idempotencyKey: 'order-1' })
    const sent = await gateway.send(
      'shop',
      { message: 'text 1' },
      { 'idempotency-key': 'order-1' },
      '?wait=none',
    )
    const upload = await bulk(`${own(1)}${own(1)}${lineOf(2)}`, key)
    expect(upload.body).toMatchObject({ accepted: 1, replayed: 2 })
    const single = await gateway.send('shop', { message: 'text 2' }, { 'idempotency-key': 'campaign-7:3' })
    expect(single.headers['idempotent-replayed']).toBe('true')
    expect(await queued()).toEqual([sent.body.id, single.body.id])
  })

  test('a repetition is answered line by line even while the session takes nothing new', async () => {
    await bulk(lines(2), key)
    await client.zrem(keys.desired, 'shop')
    await client.hset(keys.session('shop'), 'stopped', 'operator')
    expect((await bulk(lines(3), key)).body).toMatchObject({
      accepted: 0,
      replayed: 2,
      refusals: [{ line: 3, code: 'session_not_ready' }],
    })
  })

  test('is one message though it comes by POST /send to two gateways at once', async () => {
    const send = (through: GatewayUnderTest) => through.send('shop', {}, key, '?wait=none')
    const answers = await Promise.all([gateway, other, gateway, other, other].map(send))
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(4)
    expect(await records()).toBe(1)
  })
})
