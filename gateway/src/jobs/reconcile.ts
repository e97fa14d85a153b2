import type { Logger } from '@wsg/shared/logger.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'
import { listUnplaced } from '../directory/list-unplaced.ts'
import { forgetDeadWorkers } from './forget-dead-workers.ts'
import type { MessageClockwork } from './message-clockwork.ts'
import type { MessageQueue } from './message-queue.ts'
import type { Placement } from './placement.ts'

/** A job is added right after its record; only where that did not happen the sweep steps in. */
const JOB_OVERDUE_MS = 5_000
const SWEPT_AT_ONCE = 500

/** What has to be put right again and again: sessions that nobody runs, messages without a job, workers that died. */
export async function reconcile(parts: {
  redis: Redis
  placement: Placement
  messages: MessageQueue
  log: Logger
  /** For how long Redis has been there without a break, ms. */
  connectedMs: () => number
  clockwork: MessageClockwork
}): Promise<void> {
  const unplaced = await listUnplaced(parts.redis, parts.placement.jobKeyHalves)
  if (unplaced.length > 0) {
    await parts.placement.place(unplaced)
    parts.log.info({ sessions: unplaced.length }, 'placed sessions without an owner')
  }
  // After an absence of Redis the gateways first take back what they could not confirm (`sending/withdrawals.ts`).
  if (parts.connectedMs() > JOB_OVERDUE_MS) {
    await addMissingJobs(parts)
    await parts.clockwork.run()
  }
  const forgotten = await forgetDeadWorkers(parts.redis)
  if (forgotten > 0) parts.log.info({ workers: forgotten }, 'forgot workers that died')
}

async function addMissingJobs(parts: { redis: Redis; messages: MessageQueue; log: Logger }): Promise<void> {
  const { redis, messages, log } = parts
  const until = Date.now() - JOB_OVERDUE_MS
  const overdue = await redis.zrangebyscore(keys.withoutJob, '-inf', until, 'LIMIT', 0, SWEPT_AT_ONCE)
  const found = await Promise.all(
    overdue.map(async (entry) => {
      const [sessionId = '', messageId = ''] = entry.split('/')
      const record = await redis.hmget(keys.message(sessionId, messageId), 'state', 'sequence')
      return { entry, sessionId, messageId, waits: record[0] === 'queued', sequence: Number(record[1]) }
    }),
  )
  const done = found.filter(({ waits }) => !waits)
  if (done.length > 0) await redis.zrem(keys.withoutJob, ...done.map(({ entry }) => entry))
  // Gateways' clocks differ: within a session the sequence is the order of acceptance.
  const missing = found.filter(({ waits }) => waits).sort((a, b) => a.sequence - b.sequence)
  for (const { sessionId, messageId } of missing) {
    messages.addJob(sessionId, messageId)
    log.info({ sessionId, messageId }, 'adding the job of a message that had none')
  }
}
