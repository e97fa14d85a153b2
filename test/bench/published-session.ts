import { randomBytes } from 'node:crypto'
import { keys } from '@wsg/shared/redis/keys.ts'
import { desireSession } from '@wsg/shared/redis/session/desired-state.ts'
import { takeLease } from '@wsg/shared/redis/session/lease.ts'
import { publishSession } from '@wsg/shared/redis/session/publish-session.ts'
import type { Redis } from 'ioredis'

/** Longer than any chapter: what is published here is never renewed. */
const HOLDS_MS = 3_600_000

/**
 * Makes a session ready as an owner's publication would, without an owner: nobody takes its messages.
 * @returns lets go of it, so that a worker may own it
 */
export async function publishReady(
  redis: Redis,
  sessionId: string,
  account: string,
): Promise<() => Promise<void>> {
  await desireSession(redis, { sessionId, wish: 'create', maxUnpaired: Number.MAX_SAFE_INTEGER })
  const random = randomBytes(16).toString('hex')
  const taken = await takeLease(redis, { sessionId, random, workerId: 'bench', ttlMs: HOLDS_MS })
  if (!('token' in taken)) throw new Error(`the lease of ${sessionId} could not be taken: ${taken.refused}`)
  const { token } = taken
  const fields = { savedLogin: '1', account, phone: account, connectedAt: new Date().toISOString() }
  await publishSession(redis, { sessionId, token, status: 'ready', reason: 'connected', fields })
  // A gateway asks the page where the word of an owner is older than some seconds; an owner renews it before that.
  await redis.hset(keys.session(sessionId), 'updatedAt', Date.now() + HOLDS_MS)
  return async () => {
    const state = { status: 'initializing', reason: 'restarting' } as const
    await publishSession(redis, { sessionId, token, ...state, release: true })
  }
}
