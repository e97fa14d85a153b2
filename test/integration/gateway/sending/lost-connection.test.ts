import { keys } from '@wsg/shared/redis/keys.ts'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../../support/redis.ts'
import { RedisProxy } from '../../../support/redis-proxy.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { ActingWorker } from '../acting-worker.ts'
import { GatewayUnderTest } from '../gateway-under-test.ts'

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
const queued = () => client.zrange(keys.queued('shop'), 0, '-1')

describe('the connection breaks right behind an acceptance', () => {
  test('the message is accepted all the same, and sent', async () => {
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
      { timeoutMs: 15_000 },
    )
  })

  test('a message that is accepted later does not overtake it', async () => {
    await start(100)
    const taken = worker.takeSends()
    const cut = proxy.cutAfterAnswer(ACCEPTED)
    const first = await gateway.send('shop', {}, {}, '?wait=none')
    await cut
    expect(first.status).toBe(202)
    proxy.mend()
    await isBack()
    const second = await gateway.send('shop', {}, {}, '?wait=none')
    expect(second.status).toBe(202)
    await waitFor('both to be sent', () => taken.length === 2, { timeoutMs: 15_000 })
    expect(taken).toEqual([first.body.id, second.body.id])
  })

  test('of many at once, each is accepted or named, and none that is in the queue goes untold', async () => {
    await start(20_000)
    const first = await gateway.send('shop', {}, {}, '?wait=none')
    const cut = proxy.cutAfterAnswer(ACCEPTED)
    const sends = Array.from({ length: 50 }, () => gateway.send('shop', {}, {}, '?wait=none'))
    await cut
    proxy.mend()
    const answers = [first, ...(await Promise.all(sends))]
    const accepted = answers.filter(({ status }) => status === 202).map(({ body }) => body.id)
    expect(accepted.length).toBeGreaterThan(1)
    expect(answers.filter(({ status }) => status === 503)).toHaveLength(51 - accepted.length)
    expect(await queued()).toEqual(expect.arrayContaining(accepted))
    expect(answers.map(({ body }) => body.id)).toEqual(expect.arrayContaining(await queued()))
  })
})

describe('the answer to an acceptance is lost', () => {
  test('503 names the message, which may be sent once, and its address tells what became of it', async () => {
    await start(5_000)
    const taken = worker.takeSends()
    const lost = proxy.loseAnswer(ACCEPTED)
    const answer = await gateway.send('shop', { reference: 'uncertain' })
    await lost
    expect(answer).toMatchObject({
      status: 503,
      body: {
        code: 'redis_unavailable',
        retryable: false,
        id: expect.stringMatching(/^3EB0/),
        error: expect.stringContaining(`It may have been accepted: GET /messages/${answer.body.id} tells.`),
      },
    })
    expect(answer.headers['retry-after']).toBeUndefined()
    const record = await waitFor('it to be sent', async () => {
      const { body } = await gateway.get(`/messages/${answer.body.id}`, 'shop')
      return body.status === 'sent' && body
    })
    expect(record.reference).toBe('uncertain')
    expect(taken).toEqual([answer.body.id])
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
    const again = await gateway.send('shop', {}, key)
    expect([200, 202]).toContain(again.status)
    expect(again.body.id).toBe(answer.body.id)
    await waitFor('it to be sent', () => taken.length > 0)
    expect((await gateway.send('shop', {}, key)).body.id).toBe(answer.body.id)
    expect(taken).toEqual([answer.body.id])
  })
})

test('a message that is sent only after Redis was away is answered 200 to who still waits for it', async () => {
  await start(20_000)
  const answer = gateway.send('shop')
  await waitFor('the record', async () => (await queued()).length === 1)
  await redis.kill()
  await waitFor('the gateway to notice', async () => (await gateway.get('/readyz')).status === 503)
  await redis.restart()
  worker.takeSends()
  expect(await answer).toMatchObject({ status: 200, body: { status: 'sent' } })
})
