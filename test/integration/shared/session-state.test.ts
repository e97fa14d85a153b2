import { sessionRestriction } from '@wsg/shared/events/session-restriction.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { desireSession } from '@wsg/shared/redis/session/desired-state.ts'
import { publishSession } from '@wsg/shared/redis/session/publish-session.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { NO_RESTRICTION } from '@wsg/shared/sessions/restriction.ts'
import { type SessionFields, viewSession } from '@wsg/shared/sessions/session-view.ts'
import { describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { SESSION, scriptGround } from './script-ground.ts'

const ground = scriptGround()
const { own } = ground

describe('what an owner publishes', () => {
  it('is forgotten with its lease: a dead owner is not ready, nor counted as ready', async () => {
    const token = await own(4_000)
    await publishSession(ground.redis, {
      sessionId: SESSION,
      token,
      status: 'ready',
      reason: 'connected',
    })
    expect(viewSession(await readSnapshot(ground.redis, SESSION)).status).toBe('ready')
    await waitFor(
      'the lease to run out',
      async () => (await readSnapshot(ground.redis, SESSION)).leaseToken === null,
    )
    expect(viewSession(await readSnapshot(ground.redis, SESSION))).toMatchObject({
      status: 'initializing',
      reason: 'reconnecting',
    })
    expect(await ground.redis.zcount(keys.inState('ready'), Date.now(), '+inf')).toBe(0)
  })

  it('ends an ownership with one stroke', async () => {
    const token = await own()
    await publishSession(ground.redis, {
      sessionId: SESSION,
      token,
      status: 'failed',
      reason: 'qr_expired',
      wish: 'drop',
      release: true,
    })
    const after = await readSnapshot(ground.redis, SESSION)
    expect(after).toMatchObject({ leaseToken: null, notBefore: null })
    expect(viewSession(after)).toMatchObject({ status: 'failed', reason: 'qr_expired' })
    expect(await ground.redis.zcard(keys.inState('failed'))).toBe(1)
    expect(await ground.redis.zcard(keys.unpaired)).toBe(0)
  })

  it('is an event where WhatsApp begins to restrict the account, goes on with that, or ends it, and only then', async () => {
    const token = await own()
    const say = (fields: SessionFields) =>
      publishSession(ground.redis, {
        sessionId: SESSION,
        token,
        status: 'ready',
        reason: 'connected',
        fields,
      })
    const begun = { restriction: 'reach_out_time_lock', restrictedSince: '1000', restrictedUntil: '2000' }
    await say(begun)
    await say(begun)
    await say({ restrictedUntil: '' })
    await say({ ...begun, restrictedUntil: '4000' })
    await say(NO_RESTRICTION)
    await say(NO_RESTRICTION)
    const events = await ground.redis.xrange(keys.events(SESSION), '-', '+')
    const told = events
      .map(([, pairs]) =>
        Object.fromEntries(Array.from({ length: pairs.length / 2 }, (_, i) => pairs.slice(2 * i, 2 * i + 2))),
      )
      .filter(({ e }) => e === 'session.restriction')
    expect(new Set(told.map(({ i }) => i)).size).toBe(3)
    const holds = {
      kind: 'reach_out_time_lock',
      isOver: false,
      since: '1970-01-01T00:00:01.000Z',
      concerns: 'new_chats',
    }
    const data = told.map(({ d }) => sessionRestriction.data.parse(JSON.parse(d as string)))
    expect(data).toEqual([
      { ...holds, until: '1970-01-01T00:00:02.000Z', meaning: expect.any(String) },
      { ...holds, until: '1970-01-01T00:00:04.000Z', meaning: expect.any(String) },
      { kind: 'reach_out_time_lock', isOver: true },
    ])
  })

  it('puts off the next placement only of a session that is still wanted', async () => {
    const token = await own()
    await ground.redis.zrem(keys.desired, SESSION)
    await publishSession(ground.redis, {
      sessionId: SESSION,
      token,
      status: 'initializing',
      reason: 'restarting',
      wish: 1_000,
    })
    expect((await readSnapshot(ground.redis, SESSION)).notBefore).toBeNull()
  })
})

describe('a wish', () => {
  it('makes no session out of a restore', async () => {
    expect(await desireSession(ground.redis, { sessionId: 'new', wish: 'restore', maxUnpaired: 9 })).toBe(
      'not_restorable',
    )
    expect(await ground.redis.exists(keys.session('new'))).toBe(0)
  })

  it('is capped for sessions that never paired', async () => {
    for (const [id, answer] of [
      ['a', 'desired'],
      ['b', 'desired'],
      ['c', 'too_many_unpaired'],
      ['a', 'already'],
    ] as const) {
      expect(await desireSession(ground.redis, { sessionId: id, wish: 'create', maxUnpaired: 2 })).toBe(
        answer,
      )
    }
  })

  it('starts a failed session afresh, and never one that is being deleted', async () => {
    await ground.redis.hset(keys.session('f'), { createdAt: 1, status: 'failed', reason: 'crash_loop' })
    expect(await desireSession(ground.redis, { sessionId: 'f', wish: 'create', maxUnpaired: 9 })).toBe(
      'desired',
    )
    expect(viewSession(await readSnapshot(ground.redis, 'f')).status).toBe('initializing')
    await ground.redis.hset(keys.session('f'), 'deleting', '1')
    expect(await desireSession(ground.redis, { sessionId: 'f', wish: 'create', maxUnpaired: 9 })).toBe(
      'deleting',
    )
  })
})
