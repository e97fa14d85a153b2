import type { Logger } from '@wsg/shared/logger.ts'
import { redisTime } from '@wsg/shared/redis/connection/redis-time.ts'
import { releaseUnanswered } from '@wsg/shared/redis/message/accept-message.ts'
import type { Redis } from 'ioredis'
import type { Placement } from '../queues/placement.ts'
import { listUnplaced } from '../read/list-unplaced.ts'
import { forgetDeadWorkers } from './forget-dead-workers.ts'
import type { MessageMaintenance } from './message-maintenance.ts'

/** A gateway that lives has said long before that it heard Redis' answer, or has taken the message back. */
const UNANSWERED_FOR_MS = 5_000

/** What has to be put right again and again: sessions that nobody runs, messages whose gateway died, workers that died. */
export async function reconcile(parts: {
  redis: Redis
  placement: Placement
  log: Logger
  /** For how long Redis has been there without a break, ms. */
  connectedMs: () => number
  maintenance: MessageMaintenance
}): Promise<void> {
  const unplaced = await listUnplaced(parts.redis, parts.placement.jobKeyHalves)
  if (unplaced.length > 0) {
    await parts.placement.place(unplaced)
    parts.log.info({ sessions: unplaced.length }, 'placed sessions without an owner')
  }
  // After an absence of Redis the gateways first take back what they could not confirm (`messages/withdrawals.ts`).
  if (parts.connectedMs() > UNANSWERED_FOR_MS) {
    await releaseOverdue(parts)
    await parts.maintenance.run()
  }
  const forgotten = await forgetDeadWorkers(parts.redis)
  if (forgotten > 0) parts.log.info({ workers: forgotten }, 'forgot workers that died')
}

async function releaseOverdue({ redis, log }: { redis: Redis; log: Logger }): Promise<void> {
  const released = await releaseUnanswered(redis, (await redisTime(redis)) - UNANSWERED_FOR_MS)
  if (released > 0)
    log.info({ messages: released }, 'let go of messages whose gateway did not say that it knows of them')
}
