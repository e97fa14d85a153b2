import type { Logger } from '@wsg/shared/logger.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'
import { listUnplaced } from '../directory/list-unplaced.ts'
import { readMessage } from '../directory/read-message.ts'
import type { MessageQueue } from './message-queue.ts'
import type { Placement } from './placement.ts'

/** A job is added right after its record; only where that did not happen the sweep steps in. */
const JOB_OVERDUE_MS = 5_000
const SWEPT_AT_ONCE = 500

/** What has to be put right again and again: sessions that nobody runs, messages that have no job. */
export async function reconcile(parts: {
  redis: Redis
  placement: Placement
  messages: MessageQueue
  log: Logger
  /** For how long Redis has been there without a break, ms. */
  connectedMs: () => number
}): Promise<void> {
  const unplaced = await listUnplaced(parts.redis, parts.placement.jobKeyHalves)
  if (unplaced.length > 0) {
    await parts.placement.place(unplaced)
    parts.log.info({ sessions: unplaced.length }, 'placed sessions without an owner')
  }
  // After an absence of Redis the gateways first take back what they could not confirm (`sending/withdrawals.ts`).
  if (parts.connectedMs() > JOB_OVERDUE_MS) await addMissingJobs(parts)
}

async function addMissingJobs({
  redis,
  messages,
  log,
}: {
  redis: Redis
  messages: MessageQueue
  log: Logger
}): Promise<void> {
  const overdue = await redis.zrangebyscore(
    keys.withoutJob,
    '-inf',
    Date.now() - JOB_OVERDUE_MS,
    'LIMIT',
    0,
    SWEPT_AT_ONCE,
  )
  // One after the other: jobs must enter their queue in the order of acceptance.
  for (const entry of overdue) {
    const [sessionId = '', messageId = ''] = entry.split('/')
    const record = await readMessage(redis, sessionId, messageId)
    if (record?.state !== 'queued') {
      await redis.zrem(keys.withoutJob, entry)
      continue
    }
    await messages.addJob(sessionId, messageId)
    log.info({ sessionId, messageId }, 'added the job of a message that had none')
  }
}
