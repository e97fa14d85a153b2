import { keys } from '@wsg/shared/redis/keys.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { overload } from '../../support/overload.ts'
import { type RedisServer, startRedis } from '../../support/redis.ts'
import { stopwatch } from '../../support/stopwatch.ts'
import { waitFor } from '../../support/wait-for.ts'
import { ActingWorker } from '../gateway/acting-worker.ts'
import { GatewayUnderTest } from '../gateway/gateway-under-test.ts'

let primary: RedisServer
let replica: RedisServer
let worker: ActingWorker
let gateway: GatewayUnderTest

beforeEach(async () => {
  primary = await startRedis(['--repl-diskless-sync-delay', '0'])
  replica = await startRedis(['--replicaof', '127.0.0.1', String(primary.port)])
  worker = await ActingWorker.ready(primary.url, 'shop')
  await waitFor('the replica', async () => (await worker.redis.wait(1, 100)) === 1)
  gateway = await GatewayUnderTest.start(primary.url, { SEND_WAIT_MS: '5000', REDIS_MIN_REPLICAS: '1' })
})

afterEach(async () => {
  replica.resume()
  await gateway.close()
  await worker.close()
  await replica.stop()
  await primary.stop()
})

const key = { 'idempotency-key': 'order-7' }
const timed = async <T>(work: Promise<T>): Promise<[T, number]> => {
  const tookMs = stopwatch()
  return [await work, tookMs()]
}

test('a message that replicas confirm is accepted and sent as ever', async () => {
  const taken = worker.takeSends()
  expect((await gateway.send('shop')).status).toBe(200)
  expect(taken).toHaveLength(1)
})

test('one that they do not confirm is answered within two seconds, by an id that tells what became of it', async () => {
  const taken = worker.takeSends()
  replica.pause()
  const [answer, tookMs] = await timed(gateway.send('shop'))
  expect(answer).toMatchObject({ status: 503, body: { code: 'redis_unavailable', retryable: false } })
  expect(tookMs).toBeLessThan(2_000 * overload())
  replica.resume()
  await waitFor('it to be sent', async () => {
    const { body } = await gateway.get(`/messages/${answer.body.id}`, 'shop')
    return body.status === 'sent'
  })
  expect(taken).toEqual([answer.body.id])
})

test('with an Idempotency-Key it is kept, and said to be accepted only once it is confirmed', async () => {
  const taken = worker.takeSends()
  replica.pause()
  const first = await gateway.send('shop', {}, key)
  expect(first).toMatchObject({ status: 503, body: { code: 'redis_unavailable', retryable: true } })
  const [second, tookMs] = await timed(gateway.send('shop', {}, key))
  expect(second).toMatchObject({ status: 503, body: { id: first.body.id, retryable: true } })
  expect(tookMs).toBeLessThan(2_000 * overload())
  replica.resume()
  const third = await waitFor('a confirmation', async () => {
    const answer = await gateway.send('shop', {}, key)
    return answer.status !== 503 && answer
  })
  expect([200, 202]).toContain(third.status)
  expect(third.body.id).toBe(first.body.id)
  await waitFor('it to be sent', () => taken.length > 0)
  expect((await gateway.send('shop', {}, key)).body.id).toBe(first.body.id)
  expect(taken).toEqual([first.body.id])
})

test('while replicas are missing, whoever only asks is not held up', async () => {
  replica.pause()
  const sends = Array.from({ length: 20 }, () => gateway.send('shop', {}, {}, '?wait=none'))
  await waitFor('the records', async () => (await worker.redis.zcard(keys.queued('shop'))) > 0)
  const [answer, tookMs] = await timed(gateway.get('/status', 'shop'))
  expect(answer.body.status).toBe('ready')
  expect(tookMs).toBeLessThan(300 * overload())
  expect((await Promise.all(sends)).map(({ status }) => status)).toEqual(Array(20).fill(503))
})

test('a primary that has too few replicas to write refuses, and has accepted nothing', async () => {
  await worker.redis.config('SET', 'min-replicas-to-write', '3')
  const answer = await gateway.send('shop')
  expect(answer).toMatchObject({ status: 503, body: { code: 'redis_unavailable', retryable: true } })
  expect(answer.body.id).toBeUndefined()
  expect(await worker.redis.zcard(keys.queued('shop'))).toBe(0)
})

test('a primary that became a replica refuses, and its connection is made anew', async () => {
  const connection = async () =>
    /id=(\d+) [^\n]*name=gateway:accept /.exec(String(await worker.redis.client('LIST')))?.[1]
  const before = await connection()
  await worker.redis.replicaof('127.0.0.1', replica.port)
  const [answer, tookMs] = await timed(gateway.send('shop'))
  expect(answer).toMatchObject({ status: 503, body: { code: 'redis_unavailable', retryable: true } })
  expect(tookMs).toBeLessThan(2_000 * overload())
  await waitFor('another connection', async () => (await connection()) !== before)
  await worker.redis.replicaof('NO', 'ONE')
  await waitFor('a send', async () => (await gateway.send('shop', {}, {}, '?wait=none')).status === 202)
})
