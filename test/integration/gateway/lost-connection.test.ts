import { keys, QUEUE_PREFIX, queues } from '@wsg/shared/redis/keys.ts'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../support/redis.ts'
import { waitFor } from '../../support/wait-for.ts'
import { ActingWorker } from './acting-worker.ts'
import { GatewayUnderTest } from './gateway-under-test.ts'
import { RedisProxy } from './redis-proxy.ts'

/** What only the acceptance script answers. */
const ACCEPTED = 'accepted\r\n'

let redis: RedisServer
let client: Redis
let proxy: RedisProxy
let worker: ActingWorker
let gateway: GatewayUnderTest

beforeEach(async () => {
  redis = await startRedis()
  client = new Redis(redis.url)
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

const start = async (sendWaitMs: number) => {
  gateway = await GatewayUnderTest.start(proxy.url, { SEND_WAIT_MS: String(sendWaitMs) })
}
const isBack = () =>
  waitFor('the gateway to be back', async () => (await gateway.get('/readyz')).status === 200)
/** The ids of the jobs, the first one first. */
const jobs = async () =>
  (await client.lrange(`${QUEUE_PREFIX}:${queues.send('shop')}:wait`, 0, -1)).toReversed()
const inOrderOfAcceptance = () => client.zrange(keys.queued('shop'), 0, '-1')

describe('the connection breaks between the record and the job', () => {
  test('the answer is held back until the job is in', async () => {
    await start(20_000)
    const cut = proxy.cutAfterAnswer(ACCEPTED)
    let answered = false
    const pending = gateway.send('shop', {}, {}, '?wait=none').finally(() => {
      answered = true
    })
    await cut
    await waitFor('the gateway to notice', async () => (await gateway.get('/readyz')).status === 503)
    expect(await inOrderOfAcceptance()).toHaveLength(1)
    expect([answered, await jobs()]).toEqual([false, []])
    proxy.mend()
    const answer = await pending
    expect(answer).toMatchObject({ status: 202, body: { status: 'queued' } })
    expect(await jobs()).toEqual([answer.body.id])
  })

  test('one that waits for the ack gets it once the connection is back', async () => {
    await start(20_000)
    worker.takeSends()
    const cut = proxy.cutAfterAnswer(ACCEPTED)
    const pending = gateway.send('shop')
    await cut
    proxy.mend()
    const answer = await pending
    expect([200, 202]).toContain(answer.status)
    await waitFor(
      'it to be sent',
      async () => (await client.hget(keys.message('shop', answer.body.id), 'state')) === 'sent',
    )
  })

  test('a message that is accepted later does not overtake the one that was answered before', async () => {
    await start(100)
    const cut = proxy.cutAfterAnswer(ACCEPTED)
    const first = await gateway.send('shop', {}, {}, '?wait=none')
    await cut
    expect(first.status).toBe(202)
    expect(await jobs()).toEqual([])
    proxy.mend()
    await isBack()
    const second = await gateway.send('shop', {}, {}, '?wait=none')
    expect(second.status).toBe(202)
    expect(await jobs()).toEqual([first.body.id, second.body.id])
  })

  test('of many at once, all that were accepted enter in the order of acceptance', async () => {
    await start(20_000)
    await gateway.send('shop', {}, {}, '?wait=none')
    const cut = proxy.cutAfterAnswer(ACCEPTED)
    const sends = Array.from({ length: 50 }, () => gateway.send('shop', {}, {}, '?wait=none'))
    await cut
    proxy.mend()
    const statuses = (await Promise.all(sends)).map(({ status }) => status)
    const accepted = statuses.filter((status) => status === 202).length
    expect(accepted).toBeGreaterThan(0)
    expect(statuses.filter((status) => status === 503)).toHaveLength(50 - accepted)
    await waitFor(
      'the others to be withdrawn',
      async () => (await inOrderOfAcceptance()).length === accepted + 1,
    )
    expect(await jobs()).toEqual(await inOrderOfAcceptance())
  })
})

describe('the answer to an acceptance is lost', () => {
  test('the message is named in the answer, withdrawn, and never sent', { timeout: 60_000 }, async () => {
    await start(5_000)
    const taken = worker.takeSends()
    const lost = proxy.loseAnswer(ACCEPTED)
    const answer = await gateway.send('shop', { reference: 'uncertain' })
    await lost
    expect(answer).toMatchObject({
      status: 503,
      body: { code: 'redis_unavailable', retryable: false, id: expect.stringMatching(/^3EB0/) },
    })
    expect(answer.headers['retry-after']).toBeUndefined()
    const record = await waitFor('the withdrawal', async () => {
      const { body } = await gateway.get(`/messages/${answer.body.id}`, 'shop')
      return body.status === 'canceled' && body
    })
    expect(record.reference).toBe('uncertain')
    const next = await waitFor('a send', async () => {
      const sent = await gateway.send('shop')
      return sent.status === 200 && sent
    })
    await waitFor('the sweep to have passed', async () => (await client.zcard(keys.withoutJob)) === 0)
    expect(taken).toEqual([next.body.id])
  })

  test('with an Idempotency-Key the repetition is the same message, which is sent once', async () => {
    await start(5_000)
    const taken = worker.takeSends()
    const lost = proxy.loseAnswer(ACCEPTED)
    const key = { 'idempotency-key': 'order-7' }
    const answer = await gateway.send('shop', {}, key)
    await lost
    expect(answer).toMatchObject({ status: 503, body: { retryable: true } })
    await isBack()
    expect(await gateway.send('shop', {}, key)).toMatchObject({
      status: 202,
      body: { id: answer.body.id, status: 'queued' },
    })
    await waitFor('it to be sent', () => taken.length > 0)
    expect((await gateway.send('shop', {}, key)).body.id).toBe(answer.body.id)
    expect(taken).toEqual([answer.body.id])
  })
})

test('a repetition of a message that waits without a job adds the job again', async () => {
  await start(5_000)
  const key = { 'idempotency-key': 'order-7' }
  const first = await gateway.send('shop', {}, key, '?wait=none')
  await client.del(
    `${QUEUE_PREFIX}:${queues.send('shop')}:wait`,
    `${QUEUE_PREFIX}:${queues.send('shop')}:${first.body.id}`,
  )
  expect((await gateway.send('shop', {}, key)).status).toBe(202)
  expect(await jobs()).toEqual([first.body.id])
})
