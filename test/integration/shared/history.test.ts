import { keys } from '@wsg/shared/redis/keys.ts'
import { readHistory } from '@wsg/shared/redis/session/history.ts'
import { takeLease } from '@wsg/shared/redis/session/lease.ts'
import { publishSession } from '@wsg/shared/redis/session/publish-session.ts'
import { figures, readFigures } from '@wsg/shared/redis/worker/fleet-figures.ts'
import { describe, expect, it } from 'vitest'
import { SESSION, scriptGround } from './script-ground.ts'

const ground = scriptGround()
const { own } = ground

const take = () =>
  takeLease(ground.redis, { sessionId: SESSION, random: 'd'.repeat(32), workerId: 'next', ttlMs: 5_000 })

const fields = (...names: string[]) => ground.redis.hmget(keys.session(SESSION), ...names)

describe('the history of a session', () => {
  it('keeps the last twenty events, the newest first, by the clock of Redis', async () => {
    const token = await own()
    for (let i = 0; i < 25; i++) {
      await publishSession(ground.redis, {
        sessionId: SESSION,
        token,
        status: 'initializing',
        reason: 'restarting',
        happened: { event: 'page_crashed', detail: `"${i}"` },
      })
    }
    const history = await readHistory(ground.redis, SESSION)
    expect(history).toHaveLength(20)
    expect(history[0]).toEqual({ at: expect.any(Number), event: 'page_crashed', detail: '"24"' })
    expect(Math.abs((history[0]?.at ?? 0) - Date.now())).toBeLessThan(10_000)
  })

  it('holds once what an owner says again because it did not hear that it was written', async () => {
    const token = await own()
    const happened = { event: 'started' } as const
    const said = { sessionId: SESSION, token, status: 'initializing', reason: 'starting', happened } as const
    for (const number of [1, 1, 2, 2]) await publishSession(ground.redis, { ...said, number })
    expect((await readHistory(ground.redis, SESSION)).map(({ event }) => event)).toEqual([
      'started',
      'started',
    ])
    expect(await readFigures(ground.redis)).toMatchObject({ [figures.sessionEvent('started')]: '2' })
  })

  it('holds nothing of an owner that lost its lease', async () => {
    const token = await own()
    await ground.redis.set(keys.lease(SESSION), 'somebody else')
    await publishSession(ground.redis, {
      sessionId: SESSION,
      token,
      status: 'ready',
      reason: 'connected',
      happened: { event: 'ready' },
    })
    expect(await readHistory(ground.redis, SESSION)).toEqual([])
  })

  it('leaves out what a newer version wrote', async () => {
    await ground.redis.lpush(keys.history(SESSION), '{"at":1,"event":"abducted"}', '{"at":2,"event":"ready"}')
    expect(await readHistory(ground.redis, SESSION)).toEqual([{ at: 2, event: 'ready' }])
  })
})

describe('an owner that never let go', () => {
  it('is counted once, by whoever follows it, and told how many there were', async () => {
    for (const deaths of [1, 2]) {
      await own()
      await ground.redis.del(keys.lease(SESSION))
      expect(await take()).toMatchObject({ predecessorLost: true })
      expect(await fields('deaths', 'memoryFaults')).toEqual([String(deaths), null])
      await ground.redis.del(keys.lease(SESSION))
      await ground.redis.hdel(keys.session(SESSION), 'worker')
    }
    const history = await readHistory(ground.redis, SESSION)
    expect(history.map(({ event, detail }) => [event, detail])).toEqual([
      ['worker_died', '2 in a row'],
      ['worker_died', undefined],
    ])
  })

  it.each([
    [460, 512, 'worker_died'],
    [461, 512, 'memory_limit'],
  ])('and took %i of %i MB ended with %s', async (memoryMb, memoryLimitMb, event) => {
    await own()
    await ground.redis.hset(keys.session(SESSION), { memoryMb, memoryLimitMb })
    await ground.redis.del(keys.lease(SESSION))
    await take()
    expect((await readHistory(ground.redis, SESSION))[0]).toMatchObject({ event })
    // What it said of itself is not held against the next one.
    expect(await fields('memoryMb', 'memoryLimitMb')).toEqual([null, null])
  })

  it('is not what an owner was that let go', async () => {
    const token = await own()
    await publishSession(ground.redis, {
      sessionId: SESSION,
      token,
      status: 'initializing',
      reason: 'reconnecting',
      release: true,
    })
    expect(await take()).toMatchObject({ predecessorLost: false })
    expect(await fields('deaths')).toEqual([null])
    expect(await readHistory(ground.redis, SESSION)).toEqual([])
  })
})
