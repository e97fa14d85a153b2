import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ChildLedger } from '../../../local/child-ledger.ts'
import { Pool, type PoolOptions } from '../../../local/pool.ts'
import { overload } from '../../support/overload.ts'
import { isAlive, listProcesses } from '../../support/processes.ts'
import { connectPatiently, type RedisServer, startRedis } from '../../support/redis.ts'
import { stopwatch } from '../../support/stopwatch.ts'
import { waitFor } from '../../support/wait-for.ts'

const FAKE = join(import.meta.dirname, 'fake-worker.ts')

let dataDir: string
let server: RedisServer
let redis: Redis
let pool: Pool
let notes: string[]
let ledger: ChildLedger

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pool-'))
  ledger = (await ChildLedger.takeOver(dataDir)).ledger
  server = await startRedis()
  redis = connectPatiently(server.url)
  await waitFor('a connection', () => redis.status === 'ready')
})
afterEach(async () => {
  const browsers = recorded().filter(({ role }) => role === 'browser')
  await pool.stop()
  expect(workers()).toEqual([])
  expect(browsers.filter(({ pid }) => isAlive(pid))).toEqual([])
  redis.disconnect()
  await server.stop()
  await rm(dataDir, { recursive: true })
})

function startPool(options: Partial<PoolOptions> = {}): void {
  notes = []
  pool = new Pool({
    file: FAKE,
    environment: { ...process.env, REDIS_URL: server.url },
    redis,
    ledger,
    deadOwners: [],
    log: 2,
    note: (line) => notes.push(line),
    maxSessions: 4,
    maxStarts: 2,
    leaseTtlMs: 10_000,
    ...options,
  })
}

const recorded = () => ledger.children

/** Fake workers of this test alone, as the machine shows them. */
function workers(): number[] {
  return listProcesses()
    .filter(({ command, parent, state }) => parent === process.pid && state !== 'Z' && command.includes(FAKE))
    .map(({ pid }) => pid)
}

const idleWorkers = () => recorded().filter(({ workerId, sessionId }) => workerId && !sessionId)

async function order(pid: number, what: string): Promise<void> {
  await waitFor('the order to be heard', async () => (await redis.publish(`orders:${pid}`, what)) === 1)
}

/** Has an idle worker own a session. @returns its process and its browser's */
async function own(sessionId: string): Promise<{ worker: number; browser: number }> {
  const before = new Set(recorded().map(({ pid }) => pid))
  const { pid } = await waitFor('an idle worker', () => idleWorkers()[0])
  await redis.zadd(keys.desired, Date.now(), sessionId)
  await order(pid, `own ${sessionId}`)
  await waitFor('the worker to own', () => recorded().some((entry) => entry.sessionId === sessionId))
  const browser = recorded().find((entry) => entry.role === 'browser' && !before.has(entry.pid))
  return { worker: pid, browser: browser?.pid ?? 0 }
}

describe('the pool', () => {
  it('keeps one worker in reserve, and has another as soon as that one owns a session', async () => {
    startPool()
    await pool.firstIdle()
    expect(workers()).toHaveLength(1)
    await own('sales')
    await waitFor('the next reserve', () => workers().length === 2 && idleWorkers().length === 1)
  })

  it('has a worker for every session that waits, up to the limit, and lets surplus ones go later', async () => {
    await redis.zadd(keys.desired, 1, 'a', 1, 'b', 1, 'c', 1, 'd', 1, 'e')
    startPool({ surplusMs: 300 })
    await waitFor('four workers', () => idleWorkers().length === 4)
    expect(workers()).toHaveLength(4)
    await redis.del(keys.desired)
    await waitFor('one in reserve', () => workers().length === 1)
  })

  it('frees the session of a killed worker once its browser is dead, and has a worker for it', async () => {
    startPool()
    const { worker, browser } = await own('sales')
    process.kill(worker, 'SIGKILL')
    const tookMs = stopwatch()
    await waitFor('the lease to be free', async () => (await redis.exists(keys.lease('sales'))) === 0)
    expect(tookMs()).toBeLessThan(1_000 * overload())
    expect(isAlive(browser)).toBe(false)
    await waitFor('a worker for it', () => idleWorkers().length === 1)
  })

  it('frees what a worker took and died before it could say so', async () => {
    startPool()
    const { pid } = await waitFor('an idle worker', () => idleWorkers()[0])
    await redis.zadd(keys.desired, Date.now(), 'sales')
    await order(pid, 'claim sales')
    await waitFor('the lease', async () => (await redis.exists(keys.lease('sales'))) === 1)
    process.kill(pid, 'SIGKILL')
    await waitFor('the lease to be free', async () => (await redis.exists(keys.lease('sales'))) === 0)
  })

  it('kills a paused worker whose lease ran out, with its browser', async () => {
    startPool()
    const { worker, browser } = await own('sales')
    process.kill(worker, 'SIGSTOP')
    await redis.del(keys.lease('sales'))
    await waitFor('both to be dead', () => !isAlive(worker) && !isAlive(browser), { timeoutMs: 6_000 })
    expect(notes.join()).toContain('let its lease run out')
  })

  it('kills a paused worker before its lease is free, so that the next owner finds the profile free', async () => {
    startPool({ leaseTtlMs: 25_000 })
    const { worker, browser } = await own('sales')
    process.kill(worker, 'SIGSTOP')
    await redis.pexpire(keys.lease('sales'), 4_900)
    let wasFreeTooSoon = false
    await waitFor('both to be dead', async () => {
      const alive = isAlive(worker) || isAlive(browser)
      wasFreeTooSoon ||= alive && (await redis.exists(keys.lease('sales'))) === 0
      return !alive
    })
    expect(wasFreeTooSoon).toBe(false)
  })

  it('leaves a worker alone that gave its session up and goes on', async () => {
    startPool()
    const { worker } = await own('sales')
    await redis.zrem(keys.desired, 'sales')
    await order(worker, 'release sales')
    await waitFor('it to be idle', () => idleWorkers().some(({ pid }) => pid === worker))
    await own('other')
    await waitFor('the looks that would find it', async () => workers().length === 2)
    expect(notes).toEqual([])
  })

  it('starts no more browsers at once than it may, in order, and passes over a worker that gave up', async () => {
    startPool({ maxStarts: 1, maxSessions: 3 })
    await redis.zadd(keys.desired, 1, 'a', 1, 'b', 1, 'c')
    const waiting = await waitFor('three workers', () => idleWorkers().length === 3 && idleWorkers())
    const [first = 0, second = 0, third = 0] = waiting.map(({ pid }) => pid)
    const started = async () => (await redis.smembers('started')).map(Number)
    await order(first, 'want')
    await waitFor('the first start', async () => (await started()).length === 1)
    for (const what of ['want', 'over', 'want', 'over']) await order(second, what)
    await order(third, 'want')
    await order(second, 'want')
    await order(second, 'over')
    // What a worker says comes in the order in which it says it.
    await order(second, 'claim b')
    await waitFor('all of it to be heard', () => recorded().some(({ sessionId }) => sessionId === 'b'))
    expect(await started()).toEqual([first])
    await order(first, 'over')
    await waitFor('the third start', async () => (await started()).includes(third))
    expect(await started()).not.toContain(second)
  })

  it('gives the start of a browser that died with its worker to the next one', async () => {
    startPool({ maxStarts: 1 })
    await redis.zadd(keys.desired, 1, 'a', 1, 'b')
    const [first, second] = await waitFor('two workers', () => idleWorkers().length === 2 && idleWorkers())
    if (first === undefined || second === undefined) throw new Error('two were there')
    await order(first.pid, 'want')
    await waitFor('the first start', async () => (await redis.scard('started')) === 1)
    await order(second.pid, 'want')
    process.kill(first.pid, 'SIGKILL')
    await waitFor('the second start', async () => (await redis.sismember('started', second.pid)) === 1)
  })

  it('tries more and more slowly while workers die before they are ready, and recovers', async () => {
    await redis.set('broken', 'yes')
    startPool()
    await waitFor('some failures', () => notes.length >= 3)
    expect(notes.at(-1)).toMatch(/follows in [1-9]\d+ ms/)
    await redis.del('broken')
    await waitFor('an idle worker', () => idleWorkers().length === 1)
  })

  it('ends what a killed supervisor left, and names whose leases are certainly dead', async () => {
    startPool()
    const { worker, browser } = await own('sales')
    process.kill(worker, 'SIGSTOP')
    const { deadOwners } = await ChildLedger.takeOver(dataDir)
    expect(deadOwners).toEqual(expect.arrayContaining([{ workerId: `fake-${worker}`, sessionId: 'sales' }]))
    expect([isAlive(worker), isAlive(browser)]).toEqual([false, false])
  })

  it('stops within its limit even where a worker does not listen', async () => {
    startPool({ stopLimitMs: 300 })
    const { worker, browser } = await own('sales')
    process.kill(worker, 'SIGSTOP')
    await pool.stop()
    expect([isAlive(worker), isAlive(browser)]).toEqual([false, false])
  })
})
