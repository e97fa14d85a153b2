import type { Logger } from '@wsg/shared/logger.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { listUnplaced } from '@wsg/shared/redis/session/desired-state.ts'
import { forgetDeadWorkers } from '@wsg/shared/redis/worker/workers.ts'
import type { Placement } from '../queues/placement.ts'
import type { EventMaintenance } from './event-maintenance.ts'
import type { MessageMaintenance } from './message-maintenance.ts'

/** What has to be put right again and again: sessions that nobody runs, messages whose time has come, workers that died. */
export async function reconcile(parts: {
  redis: RedisClient
  placement: Placement
  log: Logger
  maintenance: MessageMaintenance
  events: EventMaintenance
}): Promise<void> {
  const unplaced = await listUnplaced(parts.redis)
  if (unplaced.length > 0) {
    await parts.placement.place(unplaced)
    parts.log.info({ sessions: unplaced.length }, 'placed sessions without an owner')
  }
  await parts.maintenance.run()
  await parts.events.run()
  const forgotten = await forgetDeadWorkers(parts.redis)
  if (forgotten > 0) parts.log.info({ workers: forgotten }, 'forgot workers that died')
}
