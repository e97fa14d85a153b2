import { keys } from '@wsg/shared/redis/keys.ts'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../../support/redis.ts'
import { RedisProxy } from '../../../support/redis-proxy.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { ActingWorker } from '../acting-worker.ts'
import { GatewayUnderTest } from '../gateway-under-test.ts'
import { LiveUpload, lineOf, NDJSON, upTo } from './bulk-client.ts'

let redis: RedisServer
let client: Redis
let proxy: RedisProxy
let worker: ActingWorker
let gateway: GatewayUnderTest

beforeEach(async () => {
  redis = await startRedis()
  client = new Redis(redis.url)
  client.on('error', () => {})
  proxy = await RedisProxy.start(redis.port)
  worker = await ActingWorker.ready(redis.url, 'shop')
})

afterEach(async () => {
  await gateway.close()
  await worker.close()
  await proxy.close()
  client.disconnect()
  await redis.stop()
})

const start = async (env: Record<string, string> = {}) => {
  gateway = await GatewayUnderTest.start(proxy.url, env)
}
const bulk = (body: string, headers: Record<string, string> = {}) =>
  gateway.post('/send/bulk', 'shop', body, { 'content-type': NDJSON, ...headers })
const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => lineOf(from + i)).join('')
const queued = () => client.zrange(keys.queued('shop'), 0, '-1')
const linesInQueue = async () =>
  await Promise.all(
    (await queued()).map(async (id) => Number(await client.hget(keys.message('shop', id), 'line'))),
  )
const batchOf = async (id: string) => (await gateway.get(`/batches/${id}`, 'shop')).body
const isBack = () =>
  waitFor('the gateway to be back', async () => (await gateway.get('/readyz')).status === 200)

test('what does not fit into the queue any more is refused line by line, and taken when it is repeated', async () => {
  await start({ MAX_QUEUED: '3' })
  const key = { 'idempotency-key': 'k' }
  const first = await bulk(lines(1, 5), key)
  const full = { code: 'queue_full', retryable: true }
  expect(first.body).toMatchObject({
    accepted: 3,
    refusals: [
      { line: 4, ...full },
      { line: 5, ...full },
    ],
  })
  const taken = worker.takeSends()
  await waitFor('the queue to be empty', () => taken.length === 3)
  expect((await bulk(lines(1, 5), key)).body).toMatchObject({ accepted: 2, replayed: 3, refused: 0 })
  await waitFor('the others', () => taken.length === 5)
  expect(await batchOf(first.body.batchId)).toMatchObject({ accepted: 5, refused: 0, total: 5 })
})

test('a client that dies in the middle: what was accepted stays, the batch says so, and repeating it goes on', async () => {
  await start()
  const key = { 'idempotency-key': 'k' }
  const upload = await LiveUpload.start(gateway, 'shop', key)
  await upload.write(`${lines(1, 100)}{"to":"5511999887766","mess`)
  await waitFor('the answers', () => upload.answers.length === 100)
  upload.cut()
  const [batch = ''] = await client.keys(keys.batch('shop', 'batch-*'))
  const batchId = batch.split(':').at(-1) ?? ''
  await waitFor('the gateway to notice', async () => (await batchOf(batchId)).upload === 'interrupted')
  expect(await batchOf(batchId)).toMatchObject({ total: 100, accepted: 100, refused: 0, done: false })
  expect(await linesInQueue()).toEqual(upTo(100))
  expect((await bulk(lines(1, 150), key)).body).toMatchObject({ batchId, accepted: 50, replayed: 100 })
  expect(await batchOf(batchId)).toMatchObject({ upload: 'complete', total: 150, accepted: 150 })
  expect(await linesInQueue()).toEqual(upTo(150))
})

test('a batch whose gateway died while it received it is called interrupted', async () => {
  await start()
  const { batchId } = (await bulk(lines(1, 2))).body
  const hash = keys.batch('shop', batchId)
  await client.hset(hash, 'upload', 'receiving', 'seenAt', Date.now() - 10_000)
  expect(await batchOf(batchId)).toMatchObject({ upload: 'receiving', done: false })
  await client.hset(hash, 'seenAt', Date.now() - 60_000)
  expect(await batchOf(batchId)).toMatchObject({ upload: 'interrupted' })
})

test('Redis goes away in the middle: those lines are refused, and repeating it sends each once, in order', async () => {
  await start()
  const key = { 'idempotency-key': 'k' }
  const upload = await LiveUpload.start(gateway, 'shop', key)
  await upload.write(lines(1, 50))
  await waitFor('the first answers', () => upload.answers.length === 50)
  const cut = proxy.cutAfterAnswer('accepted\r\n')
  await upload.write(lines(51, 100))
  await cut
  await waitFor('the next answers', () => upload.answers.length === 100)
  await upload.write(lines(101, 120))
  await waitFor('the last answers', () => upload.answers.length === 120)
  proxy.mend()
  upload.end()
  await upload.ended
  const refused = upload.answers.filter(({ code }) => code !== undefined)
  expect(refused.length).toBeGreaterThanOrEqual(20)
  expect(new Set(refused.map(({ code, retryable }) => `${code} ${retryable}`))).toEqual(
    new Set(['redis_unavailable true']),
  )
  await isBack()
  const again = (await bulk(lines(1, 120), key)).body
  expect(again).toMatchObject({ total: 120, refused: 0 })
  await waitFor('all of them', async () => (await queued()).length === 120)
  // A line whose answer was lost is in the queue where it was accepted first.
  const inQueue = await linesInQueue()
  expect(inQueue.toSorted((a, b) => a - b)).toEqual(upTo(120))
  expect(await client.zrange(keys.queued('shop'), 0, '-1')).toEqual(await queued())
  expect(await batchOf(again.batchId)).toMatchObject({ accepted: 120, refused: 0, upload: 'complete' })
})

test('without a key, a line whose acceptance is not confirmed is refused by its id, which tells what became of it', async () => {
  await start()
  const lost = proxy.loseAnswer('accepted\r\n')
  const { accepted, refusals } = (await bulk(lines(1, 30))).body
  await lost
  expect(refusals.length).toBeGreaterThan(0)
  for (const one of refusals)
    expect(one).toMatchObject({ code: 'redis_unavailable', retryable: false, id: expect.any(String) })
  await isBack()
  const told = await Promise.all(
    refusals.map(
      async ({ id }: { id: string }) => (await gateway.get(`/messages/${id}`, 'shop')).body.status,
    ),
  )
  const inQueue = told.filter((status) => status === 'queued')
  expect(await queued()).toHaveLength(accepted + inQueue.length)
})

test('a Redis that is full refuses new lines and still answers those that it knows', async () => {
  await start()
  const key = { 'idempotency-key': 'k' }
  await bulk(lines(1, 2), key)
  // What buffers take for a moment must not count.
  await client.setrange('filler', 20_000_000, 'x')
  const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1])
  await client.config('SET', 'maxmemory', Math.round(used * 1.1))
  await waitFor('the gateway to notice', async () => (await bulk(lines(1, 1))).body.code === 'redis_full')
  expect((await bulk(lines(1, 3), key)).body).toMatchObject({
    accepted: 0,
    replayed: 2,
    refusals: [{ line: 3, code: 'redis_full', retryable: true }],
  })
  expect((await gateway.send('shop')).body.code).toBe('redis_full')
})

test('a batch that is canceled while it is uploaded ends without a message that waits', async () => {
  await start()
  const upload = await LiveUpload.start(gateway, 'shop')
  await upload.write(lines(1, 600))
  await waitFor('some answers', () => upload.answers.length > 0)
  const [batch = ''] = await client.keys(keys.batch('shop', 'batch-*'))
  const batchId = batch.split(':').at(-1) ?? ''
  const rest = (async () => {
    for (let from = 601; from <= 3_000; from += 100) await upload.write(lines(from, from + 99))
    upload.end()
  })()
  const canceled = await gateway.ask('DELETE', `/batches/${batchId}`, { session: 'shop' })
  expect(canceled.status).toBe(200)
  await rest
  await upload.ended
  expect(upload.answers).toHaveLength(3_001)
  expect(upload.answers.at(-2)).toMatchObject({ line: 3_000, code: 'batch_canceled', retryable: false })
  expect(await client.zcard(keys.queued('shop'))).toBe(0)
  const { counts, accepted } = await batchOf(batchId)
  expect(counts).toMatchObject({ queued: 0, canceled: accepted })
})
