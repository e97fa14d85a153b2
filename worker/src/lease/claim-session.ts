import { randomBytes } from 'node:crypto'
import type { Logger } from '@wsg/shared/logger.ts'
import type { Confirmations } from '@wsg/shared/redis/connection/confirmations.ts'
import { type TakenLease, takeLease } from '@wsg/shared/redis/session/lease.ts'
import { publishSession } from '@wsg/shared/redis/session/publish-session.ts'
import { Fence, type Instant } from './fence.ts'

/** A lease that was taken, and confirmed where replicas have to. */
export interface Claim extends TakenLease {
  sessionId: string
  askedAt: Instant
}

export interface ClaimOptions {
  confirmations: Confirmations
  workerId: string
  ttlMs: number
  logger: Logger
}

/**
 * Takes the lease of a session.
 * @returns null where it is not to be had, or not confirmed: a failover could give it to somebody else as well
 * @throws what ioredis throws while Redis is away
 */
export async function claimSession(sessionId: string, options: ClaimOptions): Promise<Claim | null> {
  const { confirmations, workerId, ttlMs, logger } = options
  const random = randomBytes(16).toString('hex')
  const askedAt = Fence.now()
  const mark = confirmations.mark()
  const answer = await takeLease(confirmations.redis, { sessionId, random, workerId, ttlMs })
  if ('refused' in answer) {
    logger.debug({ sessionId, refused: answer.refused }, 'a placement was not taken')
    return null
  }
  try {
    await confirmations.confirm(mark)
    return { sessionId, askedAt, ...answer }
  } catch (err) {
    logger.warn({ err, sessionId }, 'a lease was not confirmed by replicas; it is let go')
    await letGo(sessionId, answer, options)
    return null
  }
}

/** Where this fails, the lease runs out by itself. */
async function letGo(sessionId: string, { token }: TakenLease, { confirmations, logger }: ClaimOptions) {
  try {
    // As an owner that ends, not as a dead one: the death of the one before is counted with the lease, and only once.
    const publication = { status: 'initializing', reason: 'waiting_for_worker', release: true } as const
    await publishSession(confirmations.redis, { sessionId, token, ...publication })
  } catch (err) {
    logger.warn({ err, sessionId }, 'a lease could not be let go')
  }
}
