import { connectForBlocking } from '@wsg/shared/redis/connection/connect.ts'
import { keys, QUEUE_PREFIX, queues } from '@wsg/shared/redis/keys.ts'
import { desireSession } from '@wsg/shared/redis/session/desired-state.ts'
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../../support/redis.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { ActingWorker } from '../acting-worker.ts'
import { GatewayUnderTest } from '../gateway-under-test.ts'

let redis: RedisServer
let client: Redis
const gateways: GatewayUnderTest[] = []

beforeAll(async () => {
  redis = await startRedis()
  client = new Redis(redis.url)
})

afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()))
  await client.flushall()
})

afterAll(async () => {
  client.disconnect()
  await redis.stop()
})

async function startGateways(count: number): Promise<void> {
  gateways.push(
    ...(await Promise.all(Array.from({ length: count }, () => GatewayUnderTest.start(redis.url)))),
  )
}

const desire = (sessionId: string, wish: 'create' | 'restore' = 'create') =>
  desireSession(client, { sessionId, wish, maxUnpaired: 100 })
const placed = () => client.zrange(`${QUEUE_PREFIX}:${queues.placement}:prioritized`, 0, '-1')

test('a session that is desired and that nobody runs is placed within seconds', async () => {
  await startGateways(1)
  await desire('new-one')
  await waitFor('the placement', async () => (await placed()).includes('place-new-one'), { timeoutMs: 4_000 })
})

test("10 gateways' reconcilers place a session once", async () => {
  await startGateways(10)
  const names: string[] = []
  const connection = connectForBlocking(redis.url, 'placing')
  const placing = new Worker(
    queues.placement,
    async (job) => {
      names.push(job.data.sessionId)
      await ActingWorker.own(redis.url, job.data.sessionId).then((worker) => worker.close())
    },
    { connection, prefix: QUEUE_PREFIX },
  )
  for (const id of ['a', 'b', 'c', '123', '__proto__']) await desire(id)
  await waitFor('all of them to be placed', () => names.length >= 5)
  const rounds = async () =>
    Number(await client.hget(`${QUEUE_PREFIX}:${queues.reconcile}:repeat:reconcile`, 'ic'))
  const before = await rounds()
  await waitFor('three more rounds', async () => (await rounds()) >= before + 3)
  expect(names.toSorted()).toEqual(['123', '__proto__', 'a', 'b', 'c'])
  await placing.close()
  connection.disconnect()
})

test('restores are placed before sessions that never paired', async () => {
  await desire('new-one')
  await client.hset(keys.session('paired'), { createdAt: '1', savedLogin: '1' })
  await desire('paired', 'restore')
  await startGateways(1)
  await waitFor('both', async () => (await placed()).length === 2)
  expect(await placed()).toEqual(['place-paired', 'place-new-one'])
})

test('a session is not placed before its time, nor while it is owned', async () => {
  await desire('owned')
  await desire('later')
  await client.zadd(keys.desired, Date.now() + 60_000, 'later')
  const owner = await ActingWorker.own(redis.url, 'owned')
  await startGateways(1)
  await desire('free')
  await waitFor('the free one', async () => (await placed()).length > 0)
  expect(await placed()).toEqual(['place-free'])
  await owner.die()
  await waitFor('the one whose owner died', async () => (await placed()).includes('place-owned'))
  await owner.close()
})

test('forgets workers that died long ago, what they said, and what memory they took', async () => {
  const now = Date.now()
  await client.zadd(keys.workers, now + 60_000, 'alive', now - 1_000, 'late', now - 120_000, 'dead')
  await client.zadd(keys.idleWorkers, now + 60_000, 'alive', now - 120_000, 'dead')
  await client.zadd(keys.workerMemory, 180, 'alive', 190, 'late', 200, 'dead', 210, 'forgotten-before')
  await client.hset(keys.workerDetails, { alive: '{}', dead: '{}' })
  await startGateways(1)
  const known = (key: string) => client.zrange(key, 0, '-1')
  await waitFor('the dead to be forgotten', async () => (await known(keys.workerMemory)).length === 2)
  expect(await known(keys.workers)).toEqual(['late', 'alive'])
  expect(await known(keys.idleWorkers)).toEqual(['alive'])
  expect(await known(keys.workerMemory)).toEqual(['alive', 'late'])
  expect(await client.hkeys(keys.workerDetails)).toEqual(['alive'])
})

test('goes on after Redis was emptied', async () => {
  await startGateways(1)
  await waitFor('the schedule', () => client.exists(`${QUEUE_PREFIX}:${queues.reconcile}:repeat`))
  await client.flushall()
  await desire('new-one')
  await waitFor('the placement', async () => (await placed()).includes('place-new-one'), {
    timeoutMs: 15_000,
  })
})
