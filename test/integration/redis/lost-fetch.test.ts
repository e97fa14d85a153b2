import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../support/redis.ts'
import { RedisProxy } from '../../support/redis-proxy.ts'
import { waitFor } from '../../support/wait-for.ts'
import { FleetUnderTest } from './fleet-under-test.ts'

/** What the worker is told first by the read of its send queue: what the messages say. */
const FETCHED = '"type":"text"'

let server: RedisServer
let proxy: RedisProxy
let fleet: FleetUnderTest

beforeEach(async () => {
  server = await startRedis()
  proxy = await RedisProxy.start(server.port)
  fleet = await FleetUnderTest.start({ REDIS_URL: server.url }, ['shop'], { REDIS_URL: proxy.url })
})

afterEach(async () => {
  await fleet.stop()
  await proxy.close()
  await server.stop()
})

test('messages whose fetch lost its answer are sent once, before those that came after them', async () => {
  const lost = proxy.loseAnswer(FETCHED)
  const ids: string[] = []
  for (let i = 0; i < 5; i++) ids.push((await fleet.gateway.send('shop', {}, {}, '?wait=none')).body.id)
  await lost
  await waitFor('all of them', () => fleet.handedOver('shop').length >= ids.length)
  expect(fleet.handedOver('shop')).toEqual(ids)
})
