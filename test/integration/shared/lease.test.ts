import { keys } from '@wsg/shared/redis/keys.ts'
import { releaseDeadOwner, renewLease, takeLease } from '@wsg/shared/redis/session/lease.ts'
import { publishSession } from '@wsg/shared/redis/session/publish-session.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { describe, expect, it } from 'vitest'
import { SESSION, scriptGround } from './script-ground.ts'

const ground = scriptGround()
const { own, accept, move } = ground

describe('the lease', () => {
  it('goes to one of two that ask for it', async () => {
    await own()
    const second = await takeLease(ground.redis, {
      sessionId: SESSION,
      random: 'b'.repeat(32),
      workerId: 'w2',
      ttlMs: 5_000,
    })
    expect(second).toEqual({ refused: 'held' })
  })

  it('is refused for a session that nobody wants, or not yet', async () => {
    const ask = () =>
      takeLease(ground.redis, { sessionId: 'other', random: 'c'.repeat(32), workerId: 'w', ttlMs: 5_000 })
    expect(await ask()).toEqual({ refused: 'not_desired' })
    await ground.redis.zadd(keys.desired, Date.now() + 60_000, 'other')
    expect(await ask()).toEqual({ refused: 'not_due' })
  })

  it('is never given twice under one token, not even after Redis lost the epoch', async () => {
    const first = await own()
    await ground.redis.flushall()
    expect(await own()).not.toBe(first)
  })

  it('cannot be renewed, published under or sent under once another owner has it', async () => {
    const old = await own()
    await ground.redis.del(keys.lease(SESSION))
    await own()
    await accept(1)
    expect(
      await renewLease(ground.redis, { sessionId: SESSION, token: old, ttlMs: 5_000, status: 'ready' }),
    ).toBe('lost')
    expect(
      await publishSession(ground.redis, {
        sessionId: SESSION,
        token: old,
        status: 'ready',
        reason: 'connected',
      }),
    ).toBe('fenced')
    expect(await move(1, 'sending', old)).toEqual({ moved: false, why: 'fenced' })
  })

  it('tells its owner that the session is no longer wanted, or is to be deleted', async () => {
    const token = await own()
    const renew = () =>
      renewLease(ground.redis, { sessionId: SESSION, token, ttlMs: 5_000, status: 'initializing' })
    expect(await renew()).toEqual({ wishedAt: expect.any(Number) })
    await ground.redis.zrem(keys.desired, SESSION)
    expect(await renew()).toBe('unwanted')
    await ground.redis.hset(keys.session(SESSION), 'deleting', '1')
    expect(await renew()).toBe('deleting')
  })

  it('of a worker that was seen dying is freed, and no other', async () => {
    await own()
    expect(await releaseDeadOwner(ground.redis, SESSION, 'w2')).toBe(false)
    expect(await releaseDeadOwner(ground.redis, SESSION, 'w1')).toBe(true)
    expect((await readSnapshot(ground.redis, SESSION)).leaseToken).toBeNull()
  })

  it('is still renewed when Redis is full', async () => {
    const token = await own()
    await ground.redis.config('SET', 'maxmemory', '1')
    try {
      expect(
        await renewLease(ground.redis, { sessionId: SESSION, token, ttlMs: 60_000, status: 'ready' }),
      ).toEqual({ wishedAt: expect.any(Number) })
      expect(await ground.redis.pttl(keys.lease(SESSION))).toBeGreaterThan(5_000)
      await expect(accept(1)).rejects.toThrow(/OOM/)
    } finally {
      await ground.redis.config('SET', 'maxmemory', '0')
    }
  })
})
