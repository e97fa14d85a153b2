import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { createLogger } from '@wsg/shared/logger.ts'
import { keys, placementJobId, QUEUE_PREFIX, queues } from '@wsg/shared/redis/keys.ts'
import { desireSession } from '@wsg/shared/redis/session/desired-state.ts'
import { takeLease } from '@wsg/shared/redis/session/lease.ts'
import { type Connections, openConnections } from '@wsg/worker/src/connections.ts'
import { HostFolder, readBootId } from '@wsg/worker/src/host/host-folder.ts'
import { joinHost } from '@wsg/worker/src/host/host-link.ts'
import type { PoolLink } from '@wsg/worker/src/pool/pool-link.ts'
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { HostGround } from '../../../support/host-ground.ts'
import { connectPatiently, type RedisServer, startRedis } from '../../../support/redis.ts'
import { waitFor } from '../../../support/wait-for.ts'

let server: RedisServer
let redis: Redis
let connections: Connections
let placement: Queue
let ground: HostGround
const links: PoolLink[] = []

beforeAll(async () => {
  server = await startRedis()
  redis = connectPatiently(server.url)
  connections = openConnections(server.url, 'test-worker')
  placement = new Queue(queues.placement, { connection: connections.queues, prefix: QUEUE_PREFIX })
  placement.on('error', () => {}) // tests take Redis away
  await waitFor('the connection', () => redis.status === 'ready' && connections.commands.status === 'ready')
})
beforeEach(async () => {
  ground = await HostGround.create(readBootId())
})
afterEach(async () => {
  for (const link of links.splice(0)) link.tell({ type: 'left' })
  await ground.close()
  await redis.flushall()
})
afterAll(async () => {
  await placement.close()
  connections.close()
  redis.disconnect()
  await server.stop()
})

/** Another worker of this host that is idle. */
async function joinIdle(workerId = 'idle'): Promise<PoolLink> {
  const link = await joinHost({
    workerId,
    profiles: { root: ground.profiles, lockOf: (id) => ground.profileLockOf(id) },
    connections,
    logger: createLogger('test', 'silent'),
  })
  links.push(link)
  link.tell({ type: 'idle', workerId })
  return link
}

/** `workerId` says that it wants the session, and, unless told otherwise, gets it; then it dies. */
async function dieAsOwner(workerId: string, sessionId: string, takes = true): Promise<void> {
  const worker = await ground.worker(workerId, sessionId)
  if (takes) await take(workerId, sessionId)
  await worker.kill()
}

async function take(workerId: string, sessionId: string): Promise<void> {
  await desireSession(redis, { sessionId, wish: 'create', maxUnpaired: 9 })
  const random = Math.random().toString(16).padEnd(32, '0')
  await takeLease(redis, { sessionId, random, workerId, ttlMs: 60_000 })
  await redis.zadd(keys.workers, Date.now() + 60_000, workerId)
}

const isPlaced = async (sessionId: string) =>
  (await placement.getJob(placementJobId(sessionId))) !== undefined
const isOwned = async (sessionId: string) => (await redis.exists(keys.lease(sessionId))) === 1

describe('a dead worker of this host', () => {
  it('loses its lease at once, and its session is offered to the next', async () => {
    await dieAsOwner('dead', 'sales')
    await joinIdle()
    await waitFor('the placement', () => isPlaced('sales'))
    expect(await isOwned('sales')).toBe(false)
    expect(await redis.hget(keys.session('sales'), 'ownerIsDead')).toBe('1')
    expect(await redis.zscore(keys.workers, 'dead')).toBeNull()
  })

  it('loses nothing where it died before it had the lease', async () => {
    await dieAsOwner('dead', 'sales', false)
    await take('living', 'sales')
    await joinIdle()
    await waitFor('its file to go', () => !existsSync(ground.folder.lockOf('dead')))
    expect(await isOwned('sales')).toBe(true)
    expect(await isPlaced('sales')).toBe(false)
  })

  it('is buried as soon as Redis is back', async () => {
    await dieAsOwner('dead', 'sales')
    await server.kill()
    await joinIdle()
    await waitFor('a look without Redis', () => existsSync(ground.folder.looked))
    await server.restart()
    await waitFor('the placement', () => isPlaced('sales'))
  })

  it('is left to its lease where another boot wrote the file', async () => {
    const other = new HostFolder(ground.profiles, 'another-boot')
    await other.create()
    await writeFile(other.lockOf('far'), '{"sessionId":"support"}')
    await take('far', 'support')
    await dieAsOwner('dead', 'sales')
    await joinIdle()
    await waitFor('the placement of the other', () => isPlaced('sales'))
    expect(await isOwned('support')).toBe(true)
    expect(existsSync(other.lockOf('far'))).toBe(true)
  })
})

it('keeps no file of a worker that took its leave', async () => {
  const link = await joinIdle()
  expect(existsSync(ground.folder.lockOf('idle'))).toBe(true)
  link.tell({ type: 'claims', sessionId: 'sales' })
  link.tell({ type: 'left' })
  links.splice(0)
  expect(existsSync(ground.folder.lockOf('idle'))).toBe(false)
})

it('lets a worker run alone where the volume takes no locks', async () => {
  await rm(HostFolder.rootIn(ground.profiles), { recursive: true })
  await writeFile(HostFolder.rootIn(ground.profiles), 'in the way')
  const link = await joinIdle()
  expect(await link.mayStart(new AbortController().signal)).toBe(true)
  expect(await link.mayStart(AbortSignal.abort())).toBe(false)
})
