import { keys } from '@wsg/shared/redis/keys.ts'
import { desireSession, stopSession } from '@wsg/shared/redis/session/desired-state.ts'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { Exposition } from '../../../support/exposition.ts'
import { type RedisServer, startRedis } from '../../../support/redis.ts'
import { ActingWorker } from '../acting-worker.ts'
import { GatewayUnderTest } from '../gateway-under-test.ts'

/** A Redis of its own for one test file, emptied after every test, with what the tests of `/metrics` do first. */
export function metricsGround() {
  let redis: RedisServer
  let client: Redis
  const gateways: GatewayUnderTest[] = []
  const workers: ActingWorker[] = []

  beforeAll(async () => {
    redis = await startRedis()
    client = new Redis(redis.url)
    client.on('error', () => {})
  })
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close()))
    await Promise.all(gateways.splice(0).map((gateway) => gateway.close()))
    await client.flushall()
  })
  afterAll(async () => {
    client.disconnect()
    await redis.stop()
  })

  async function start(env: Record<string, string> = {}): Promise<GatewayUnderTest> {
    const gateway = await GatewayUnderTest.start(redis.url, env)
    gateways.push(gateway)
    return gateway
  }

  async function own(sessionId: string): Promise<ActingWorker> {
    const worker = await ActingWorker.own(redis.url, sessionId)
    workers.push(worker)
    return worker
  }

  async function ready(sessionId: string): Promise<ActingWorker> {
    const worker = await ActingWorker.ready(redis.url, sessionId)
    workers.push(worker)
    return worker
  }

  const want = (sessionId: string) => desireSession(client, { sessionId, wish: 'create', maxUnpaired: 1_000 })

  /** Sessions of many kinds. */
  async function makeSessions(): Promise<void> {
    await ready('r1')
    await ready('r2')
    const lost = await ready('lost')
    await lost.die()
    await want('waiting')
    await want('later')
    await client.zadd(keys.desired, Date.now() + 60_000, 'later')
    await want('taken')
    await own('taken')
    const before = await ready('taken-over')
    await before.die()
    await own('taken-over')
    await want('pairing')
    const pairing = await own('pairing')
    await pairing.publish('waiting_qr', 'qr_available', { qr: 'code' })
    const loggedOut = await ready('logged-out')
    await loggedOut.publish('failed', 'logged_out', { savedLogin: '' }, { wish: 'drop', release: true })
    await client.hset(keys.session('on-the-volume'), { createdAt: '1', savedLogin: '1' })
    await client.zadd(keys.sessions, 1, 'on-the-volume')
    await want('stopped')
    await stopSession(client, 'stopped')
  }

  return {
    get redis() {
      return redis
    },
    get client() {
      return client
    },
    start,
    own,
    ready,
    want,
    makeSessions,
  }
}

export async function scrape(gateway: GatewayUnderTest): Promise<Exposition> {
  const answer = await gateway.get('/metrics')
  expect(answer.status).toBe(200)
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  return new Exposition(answer.body)
}
