import { keys } from '@wsg/shared/redis/keys.ts'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../support/redis.ts'
import { waitFor } from '../../support/wait-for.ts'
import { FleetUnderTest } from './fleet-under-test.ts'

const MB = 1024 * 1024
/** Long enough for a machine that is busy; renewed every three seconds. */
const LEASE_TTL_MS = 10_000
const JUNK = 'x'.repeat(20_000)
const NUMBERS = ['5511100000001', '5511100000002', '5511100000003']

let server: RedisServer
let redis: Redis
let fleet: FleetUnderTest

beforeEach(async () => {
  server = await startRedis()
  redis = new Redis(server.url)
  fleet = await FleetUnderTest.start({ REDIS_URL: server.url, LEASE_TTL_MS: String(LEASE_TTL_MS) }, ['shop'])
})

afterEach(async () => {
  await fleet.stop()
  redis.disconnect()
  await server.stop()
})

const figure = async (name: string): Promise<number> =>
  Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await redis.info('memory'))?.[1])
const limitTo = async (spareBytes: number) =>
  redis.config('SET', 'maxmemory', String((await figure('used_memory')) + spareBytes))
const send = (number: string) => fleet.gateway.send('shop', { to: number }, {}, '?wait=none')

/** Writes junk until so much of the limit is used, or Redis takes no more. */
async function fillTo(share: number): Promise<void> {
  const limit = await figure('maxmemory')
  for (let i = 0; (await figure('used_memory')) < limit * share; i++) {
    try {
      await redis.set(`junk:${share}:${i}`, JUNK)
    } catch {
      return
    }
  }
}

/** Waits until the lease was prolonged so often. */
async function untilRenewed(times: number): Promise<void> {
  let left = Number.POSITIVE_INFINITY
  let renewals = 0
  await waitFor(
    'renewals',
    async () => {
      const leftNow = await redis.pttl(keys.lease('shop'))
      if (leftNow > left) renewals += 1
      left = leftNow
      return renewals >= times
    },
    { timeoutMs: 30_000, everyMs: 50 },
  )
}

test('from 80 % on nothing is accepted, and owners still write', async () => {
  await limitTo(5 * MB)
  expect((await send('5511100000001')).status).toBe(202)
  await fillTo(0.85)
  const refused = await waitFor('a refusal', async () => {
    const answer = await send('5511100000001')
    return answer.status === 503 && answer
  })
  expect(refused).toMatchObject({ body: { code: 'redis_full', retryable: true } })
  const count = fleet.handedOver('shop').length
  await waitFor('all that was accepted to be sent', async () => {
    const settled = await redis.zcard(keys.queued('shop'))
    return settled === 0 && fleet.handedOver('shop').length === count
  })
})

test('when it is full no session dies, and what was accepted goes out once there is room', async () => {
  const token = await redis.get(keys.lease('shop'))
  const [client] = fleet.clients
  if (client === undefined) throw new Error('there is no client')
  const ackLater: string[] = []
  client.onSend = ({ messageId }) => void ackLater.push(messageId)
  const sends = Array.from({ length: 60 }, (_, i) => send(NUMBERS[i % 3] ?? ''))
  const accepted = (await Promise.all(sends)).map(({ status, body }) => status === 202 && body.id)
  await waitFor('one of each chat in flight', () => ackLater.length === NUMBERS.length)
  await limitTo(5 * MB)
  await fillTo(2)
  await redis.config('SET', 'maxmemory', String(Math.round((await figure('used_memory')) * 0.9)))
  await expect(redis.set('one-more', JUNK)).rejects.toThrow('OOM')
  // Their outcomes cannot be written now.
  client.onSend = ({ messageId }) => client.whatsapp.ack(messageId, 'sent', client)
  for (const id of ackLater) client.whatsapp.ack(id, 'sent', client)

  await untilRenewed(4)
  expect(await send('5511100000001')).toMatchObject({ status: 503, body: { code: 'redis_full' } })
  expect(await fleet.gateway.get('/qr?wait=0', 'new-one')).toMatchObject({
    status: 503,
    body: { code: 'redis_full' },
  })
  expect((await fleet.gateway.get('/status', 'shop')).body.status).toBe('ready')
  expect((await fleet.gateway.get('/health')).status).toBe(200)
  expect([await redis.get(keys.lease('shop')), fleet.deaths]).toEqual([token, []])
  expect(fleet.handedOver('shop')).toEqual(ackLater)

  await redis.config('SET', 'maxmemory', '0')
  for (const id of accepted) {
    await waitFor(`${id} to be sent`, async () => {
      const { body } = await fleet.gateway.get(`/messages/${id}`, 'shop')
      return body.status === 'sent'
    })
  }
  expect(fleet.handedOver('shop').sort()).toEqual(accepted.sort())
  const again = await waitFor('a send', async () => {
    const answer = await fleet.gateway.send('shop')
    return answer.status !== 503 && answer
  })
  expect(again.status).toBe(200)
})

test('messages that wait when it is full are sent once there is room, and nothing spins meanwhile', async () => {
  const whatsapp = fleet.whatsapp.get('shop')
  await redis.config('SET', 'maxmemory', String(Math.round((await figure('used_memory')) * 0.5)))
  await untilRenewed(1)
  const before = Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1])
  await untilRenewed(2)
  const after = Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1])
  // About six seconds, of which this test's own questions are most.
  expect(after - before).toBeLessThan(1_500)
  await redis.config('SET', 'maxmemory', '0')
  await waitFor('a send', async () => (await fleet.gateway.send('shop')).status === 200)
  expect(whatsapp?.bodies()).toEqual(['Hello'])
})
