import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { redisTime } from '../connection/server.ts'
import { keys } from '../keys.ts'
import { defineScript, NOW, runScript } from '../script.ts'
import { releaseDeadOwner } from '../session/lease.ts'

/** By Redis' clock, which readers compare with. */
const REPORT = defineScript(
  { worker: 'text', isIdle: 'flag', ttlMs: 'number', details: 'text' },
  `${NOW}
redis.call('ZADD', keys.workers, now + ttlMs, worker)
redis.call('HSET', keys.workerDetails, worker, details)
if isIdle then redis.call('ZADD', keys.idleWorkers, now + ttlMs, worker)
else redis.call('ZREM', keys.idleWorkers, worker) end
`,
)

/** What a worker says of itself. */
export interface WorkerDetails {
  host: string
  /** Of this product. */
  version: string
  /** Epoch ms. */
  startedAt: number
  /** For it and its browser; null for no limit. */
  memoryLimitMb: number | null
  /** The session that it owns, null while it is idle. */
  sessionId: string | null
}

/** Says that a worker lives, and what it does. @param ttlMs how long that holds without another word */
export async function reportWorker(
  redis: RedisClient,
  report: { workerId: string; ttlMs: number; details: WorkerDetails },
): Promise<void> {
  const { workerId, ttlMs, details } = report
  const isIdle = details.sessionId === null
  await runScript(redis, REPORT, { worker: workerId, isIdle, ttlMs, details: JSON.stringify(details) })
}

/** Says how much memory a worker and its browser take, in MB. */
export async function reportMemory(redis: RedisClient, workerId: string, memoryMb: number): Promise<void> {
  await commandsOf(redis).zadd(keys.workerMemory, memoryMb, workerId)
}

/** @returns those of `workerIds` that said not long ago that they live: gateways forget who no longer does */
export async function knownWorkers(redis: RedisClient, workerIds: string[]): Promise<Set<string>> {
  const validUntil = await commandsOf(redis).zmscore(keys.workers, ...workerIds)
  return new Set(workerIds.filter((_, n) => validUntil[n] !== null))
}

/**
 * Takes workers off the record: what they said of themselves would be counted until it runs out.
 * @throws what ioredis throws while Redis is away
 */
export async function forgetWorkers(redis: RedisClient, workerIds: readonly string[]): Promise<void> {
  await commandsOf(redis)
    .multi()
    .zrem(keys.workers, ...workerIds)
    .zrem(keys.idleWorkers, ...workerIds)
    .zrem(keys.workerMemory, ...workerIds)
    .hdel(keys.workerDetails, ...workerIds)
    .exec()
}

/**
 * Takes a worker that is dead for certain off the record, and frees the session that it owned, if any.
 * @returns true where it held that session, which is free to be placed
 * @throws what ioredis throws while Redis is away
 */
export async function releaseDeadWorker(
  redis: RedisClient,
  { workerId, sessionId }: { workerId: string; sessionId: string | null },
): Promise<boolean> {
  const isFree = sessionId !== null && (await releaseDeadOwner(redis, sessionId, workerId))
  await forgetWorkers(redis, [workerId])
  return isFree
}

/** A worker whose word ran out does not count any more; one that only hung may still come back and say it again. */
const KEPT_MS = 60_000
const FORGOTTEN_AT_ONCE = 500

/** Removes the entries of workers that died without taking leave: every restart is a new worker. @returns how many */
export async function forgetDeadWorkers(redis: RedisClient): Promise<number> {
  const before = (await redisTime(redis)) - KEPT_MS
  const dead = await commandsOf(redis).zrangebyscore(
    keys.workers,
    '-inf',
    before,
    'LIMIT',
    0,
    FORGOTTEN_AT_ONCE,
  )
  if (dead.length > 0) await forgetWorkers(redis, dead)
  await forgetStrayFigures(redis)
  return dead.length
}

/** What a worker wrote of its memory while it was taking leave stays behind. Looked for only where there is too much. */
async function forgetStrayFigures(redis: RedisClient): Promise<void> {
  const [said, known] = await Promise.all([
    commandsOf(redis).zcard(keys.workerMemory),
    commandsOf(redis).zcard(keys.workers),
  ])
  if (said <= known) return
  const names = await commandsOf(redis).zrange(keys.workerMemory, 0, '-1')
  const workers = new Set(await commandsOf(redis).zrange(keys.workers, 0, '-1'))
  const strays = names.filter((name) => !workers.has(name)).slice(0, FORGOTTEN_AT_ONCE)
  if (strays.length > 0) await commandsOf(redis).zrem(keys.workerMemory, ...strays)
}

/** Entries that Redis looks at in one call. */
const LOOKED_AT_ONCE = 500

export interface WorkerFigures {
  total: number
  idle: number
  /** What those that live have said of themselves. */
  memory: { workerId: string; memoryMb: number }[]
}

/** The workers whose word still holds, by Redis' clock. */
export async function readWorkers(redis: RedisClient): Promise<WorkerFigures> {
  const nowMs = await redisTime(redis)
  const validUntil = await readScores(redis, keys.workers)
  const living = new Set([...validUntil].flatMap(([id, until]) => (until > nowMs ? [id] : [])))
  const said = await readScores(redis, keys.workerMemory)
  return {
    total: living.size,
    idle: await commandsOf(redis).zcount(keys.idleWorkers, nowMs, '+inf'),
    memory: [...said].flatMap(([workerId, memoryMb]) =>
      living.has(workerId) ? [{ workerId, memoryMb }] : [],
    ),
  }
}

export interface KnownWorker {
  workerId: string
  /** Null where it has not said yet. */
  memoryMb: number | null
  details: WorkerDetails | null
}

/**
 * The workers whose word still holds, by their names.
 * @param after the last one of the page before, null for the first page
 */
export async function listWorkers(
  redis: RedisClient,
  { after, limit }: { after: string | null; limit: number },
): Promise<KnownWorker[]> {
  const nowMs = await redisTime(redis)
  const validUntil = await readScores(redis, keys.workers)
  const ids = [...validUntil]
    .flatMap(([id, until]) => (until > nowMs && (after === null || id > after) ? [id] : []))
    .sort()
    .slice(0, limit)
  if (ids.length === 0) return []
  const [memory, details] = await Promise.all([
    commandsOf(redis).zmscore(keys.workerMemory, ...ids),
    commandsOf(redis).hmget(keys.workerDetails, ...ids),
  ])
  return ids.map((workerId, i) => {
    const [memoryMb, said] = [memory[i] ?? null, details[i] ?? null]
    return {
      workerId,
      memoryMb: memoryMb === null ? null : Number(memoryMb),
      details: said === null ? null : (JSON.parse(said) as WorkerDetails),
    }
  })
}

/** By scanning: workers change their places while it is read, and none must be missed or met twice. */
async function readScores(redis: RedisClient, key: string): Promise<Map<string, number>> {
  const scores = new Map<string, number>()
  let cursor = '0'
  do {
    const [next, found] = await commandsOf(redis).zscan(key, cursor, 'COUNT', LOOKED_AT_ONCE)
    for (let i = 0; i < found.length; i += 2) {
      scores.set(found[i] as string, Number((found[i + 1] as string).replace('inf', 'Infinity')))
    }
    cursor = next
  } while (cursor !== '0')
  return scores
}
