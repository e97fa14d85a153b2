import { acceptMessage } from '@wsg/shared/redis/accept-message.ts'
import { connectForCommands } from '@wsg/shared/redis/connect.ts'
import { desireSession } from '@wsg/shared/redis/desire-session.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { releaseDeadOwner, renewLease, takeLease } from '@wsg/shared/redis/lease.ts'
import { moveMessage } from '@wsg/shared/redis/move-message.ts'
import { publishSession } from '@wsg/shared/redis/publish-session.ts'
import { readSnapshot } from '@wsg/shared/redis/snapshot.ts'
import { viewSession } from '@wsg/shared/session-view.ts'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type RedisServer, startRedis } from '../../support/redis.ts'
import { waitFor } from '../../support/wait-for.ts'

let server: RedisServer
let redis: Redis

beforeAll(async () => {
  server = await startRedis()
  redis = connectForCommands(server.url, 'test')
  await waitFor('the connection', () => redis.status === 'ready')
})
afterAll(async () => {
  redis.disconnect()
  await server.stop()
})
beforeEach(async () => {
  await redis.flushall()
})

const SESSION = '__proto__'
let attempts = 0

async function own(ttlMs = 5_000): Promise<string> {
  await desireSession(redis, { sessionId: SESSION, wish: 'create', maxUnpaired: 9 })
  const random = String(attempts++).padStart(32, '0')
  const taken = await takeLease(redis, { sessionId: SESSION, random, workerId: 'w1', ttlMs })
  if (!('token' in taken)) throw new Error(`the lease was refused: ${taken.refused}`)
  return taken.token
}

async function accept(number: number, expiresInMs = 60_000, idempotencyKey?: string): Promise<string> {
  const id = `3EB0${String(number).padStart(18, '0')}`
  const now = Date.now()
  const answer = await acceptMessage(redis, {
    record: {
      id,
      sessionId: SESSION,
      to: '5511999887766',
      content: { type: 'text', text: `text ${number}` },
      acceptedAt: now,
      expiresAt: now + expiresInMs,
      waiter: 'g1',
    },
    idempotency:
      idempotencyKey === undefined
        ? null
        : { keyHash: idempotencyKey, fingerprint: `f${number}`, holdMs: 60_000 },
    maxQueued: 3,
  })
  return 'messageId' in answer ? `${answer.outcome} ${answer.messageId}` : answer.outcome
}

const move = (number: number, to: 'sending' | 'sent' | 'canceled' | 'queued' | 'unknown', token?: string) =>
  moveMessage(redis, {
    sessionId: SESSION,
    messageId: `3EB0${String(number).padStart(18, '0')}`,
    to,
    retentionMs: 60_000,
    ...(token === undefined ? {} : { token }),
  })

describe('the lease', () => {
  it('goes to one of two that ask for it', async () => {
    await own()
    const second = await takeLease(redis, {
      sessionId: SESSION,
      random: 'b'.repeat(32),
      workerId: 'w2',
      ttlMs: 5_000,
    })
    expect(second).toEqual({ refused: 'held' })
  })

  it('is refused for a session that nobody wants, or not yet', async () => {
    const ask = () =>
      takeLease(redis, { sessionId: 'other', random: 'c'.repeat(32), workerId: 'w', ttlMs: 5_000 })
    expect(await ask()).toEqual({ refused: 'not_desired' })
    await redis.zadd(keys.desired, Date.now() + 60_000, 'other')
    expect(await ask()).toEqual({ refused: 'not_due' })
  })

  it('is never given twice under one token, not even after Redis lost the epoch', async () => {
    const first = await own()
    await redis.flushall()
    expect(await own()).not.toBe(first)
  })

  it('cannot be renewed, published under or sent under once another owner has it', async () => {
    const old = await own()
    await redis.del(keys.lease(SESSION))
    await own()
    await accept(1)
    expect(await renewLease(redis, { sessionId: SESSION, token: old, ttlMs: 5_000, status: 'ready' })).toBe(
      'lost',
    )
    expect(
      await publishSession(redis, {
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
    const renew = () => renewLease(redis, { sessionId: SESSION, token, ttlMs: 5_000, status: 'initializing' })
    expect(await renew()).toBe('renewed')
    await redis.zrem(keys.desired, SESSION)
    expect(await renew()).toBe('unwanted')
    await redis.hset(keys.session(SESSION), 'deleting', '1')
    expect(await renew()).toBe('deleting')
  })

  it('of a worker that was seen dying is freed, and no other', async () => {
    await own()
    expect(await releaseDeadOwner(redis, SESSION, 'w2')).toBe(false)
    expect(await releaseDeadOwner(redis, SESSION, 'w1')).toBe(true)
    expect((await readSnapshot(redis, SESSION)).leaseToken).toBeNull()
  })

  it('is still renewed when Redis is full', async () => {
    const token = await own()
    await redis.config('SET', 'maxmemory', '1')
    try {
      expect(await renewLease(redis, { sessionId: SESSION, token, ttlMs: 60_000, status: 'ready' })).toBe(
        'renewed',
      )
      expect(await redis.pttl(keys.lease(SESSION))).toBeGreaterThan(5_000)
      await expect(accept(1)).rejects.toThrow(/OOM/)
    } finally {
      await redis.config('SET', 'maxmemory', '0')
    }
  })
})

describe('what an owner publishes', () => {
  it('is forgotten with its lease: a dead owner is not ready, nor counted as ready', async () => {
    const token = await own(50)
    await publishSession(redis, {
      sessionId: SESSION,
      token,
      status: 'ready',
      reason: 'connected',
    })
    expect(viewSession(await readSnapshot(redis, SESSION)).status).toBe('ready')
    await waitFor(
      'the lease to run out',
      async () => (await readSnapshot(redis, SESSION)).leaseToken === null,
    )
    expect(viewSession(await readSnapshot(redis, SESSION))).toMatchObject({
      status: 'initializing',
      reason: 'reconnecting',
    })
    expect(await redis.zcount(keys.inState('ready'), Date.now(), '+inf')).toBe(0)
  })

  it('ends an ownership with one stroke', async () => {
    const token = await own()
    await publishSession(redis, {
      sessionId: SESSION,
      token,
      status: 'failed',
      reason: 'qr_expired',
      wish: 'drop',
      release: true,
    })
    const after = await readSnapshot(redis, SESSION)
    expect(after).toMatchObject({ leaseToken: null, notBefore: null })
    expect(viewSession(after)).toMatchObject({ status: 'failed', reason: 'qr_expired' })
    expect(await redis.zcard(keys.inState('failed'))).toBe(1)
    expect(await redis.zcard(keys.unpaired)).toBe(0)
  })

  it('puts off the next placement only of a session that is still wanted', async () => {
    const token = await own()
    await redis.zrem(keys.desired, SESSION)
    await publishSession(redis, {
      sessionId: SESSION,
      token,
      status: 'initializing',
      reason: 'restarting',
      wish: 1_000,
    })
    expect((await readSnapshot(redis, SESSION)).notBefore).toBeNull()
  })
})

describe('a wish', () => {
  it('makes no session out of a restore', async () => {
    expect(await desireSession(redis, { sessionId: 'new', wish: 'restore', maxUnpaired: 9 })).toBe(
      'not_restorable',
    )
    expect(await redis.exists(keys.session('new'))).toBe(0)
  })

  it('is capped for sessions that never paired', async () => {
    for (const [id, answer] of [
      ['a', 'desired'],
      ['b', 'desired'],
      ['c', 'too_many_unpaired'],
      ['a', 'already'],
    ] as const) {
      expect(await desireSession(redis, { sessionId: id, wish: 'create', maxUnpaired: 2 })).toBe(answer)
    }
  })

  it('starts a failed session afresh, and never one that is being deleted', async () => {
    await redis.hset(keys.session('f'), { createdAt: 1, status: 'failed', reason: 'crash_loop' })
    expect(await desireSession(redis, { sessionId: 'f', wish: 'create', maxUnpaired: 9 })).toBe('desired')
    expect(viewSession(await readSnapshot(redis, 'f')).status).toBe('initializing')
    await redis.hset(keys.session('f'), 'deleting', '1')
    expect(await desireSession(redis, { sessionId: 'f', wish: 'create', maxUnpaired: 9 })).toBe('deleting')
  })
})

describe('a message', () => {
  it('is accepted once per Idempotency-Key, and a different body under it is told apart', async () => {
    const id = `3EB0${'1'.padStart(18, '0')}`
    expect(await accept(1, 60_000, 'key')).toBe(`accepted ${id}`)
    expect(await accept(1, 60_000, 'key')).toBe(`replayed ${id}`)
    expect(await accept(2, 60_000, 'key')).toBe(`reused ${id}`)
    expect(await redis.exists(keys.message(SESSION, `3EB0${'2'.padStart(18, '0')}`))).toBe(0)
  })

  it('is refused when too many wait', async () => {
    for (const number of [1, 2, 3]) expect(await accept(number)).toMatch(/^accepted/)
    expect(await accept(4)).toBe('queue_full')
  })

  it('is begun by one owner, once, and comes with its record', async () => {
    const token = await own()
    await accept(1)
    const begun = await move(1, 'sending', token)
    expect(begun).toMatchObject({
      moved: true,
      to: 'sending',
      record: { content: { text: 'text 1' }, sequence: 1 },
    })
    expect(await move(1, 'sending', token)).toEqual({ moved: false, why: 'refused', state: 'sending' })
    expect(await redis.smembers(keys.sending(SESSION))).toHaveLength(1)
    expect(await redis.zcard(keys.queued(SESSION))).toBe(0)
  })

  it('that was begun cannot be canceled, and one that was canceled cannot be begun', async () => {
    const token = await own()
    await accept(1)
    await accept(2)
    await move(1, 'sending', token)
    expect(await move(1, 'canceled')).toMatchObject({ moved: false, why: 'refused' })
    expect(await move(2, 'canceled')).toMatchObject({ moved: true })
    expect(await move(2, 'sending', token)).toMatchObject({ moved: false, why: 'refused', state: 'canceled' })
  })

  it('that expired while it waited is not begun', async () => {
    const token = await own()
    await accept(1, -1)
    expect(await move(1, 'sending', token)).toMatchObject({ moved: true, to: 'expired', record: null })
    expect(await redis.pttl(keys.message(SESSION, `3EB0${'1'.padStart(18, '0')}`))).toBeGreaterThan(0)
  })

  it('is counted once, whatever acks follow', async () => {
    const token = await own()
    await accept(1)
    await move(1, 'sending', token)
    await move(1, 'unknown', token)
    await move(1, 'sent', token)
    await moveMessage(redis, {
      sessionId: SESSION,
      messageId: `3EB0${'1'.padStart(18, '0')}`,
      to: 'read',
      retentionMs: 60_000,
    })
    expect((await readSnapshot(redis, SESSION)).fields.messageCount).toBe('1')
  })

  it('keeps its place when it is put back', async () => {
    const token = await own()
    await accept(1)
    await accept(2)
    await move(1, 'sending', token)
    await move(1, 'queued', token)
    expect(await redis.zrange(keys.queued(SESSION), '0', '0')).toEqual([`3EB0${'1'.padStart(18, '0')}`])
  })

  it('wakes the gateway that waits for it when its outcome is known', async () => {
    const token = await own()
    await accept(1)
    const listener = redis.duplicate({ enableOfflineQueue: true })
    try {
      const woken: string[] = []
      listener.on('message', (_channel, id) => woken.push(id))
      await listener.subscribe(keys.wake('g1'))
      await move(1, 'sending', token)
      await move(1, 'sent', token)
      await waitFor('the wake', () => woken.length > 0)
      expect(woken).toEqual([`3EB0${'1'.padStart(18, '0')}`])
    } finally {
      listener.disconnect()
    }
  })
})
