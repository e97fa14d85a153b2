import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { QUEUE_PREFIX } from '@wsg/shared/redis/keys.ts'
import { Queue } from './load-bullmq.ts'

/** BullMQ's event stream is not read by anybody here. */
const KEPT_EVENTS = 10

/**
 * A queue to put jobs on.
 * @param redis a connection that fails at once while Redis is away: what cannot be delivered must not pile up here
 */
export function openQueue(redis: RedisClient, name: string): Queue {
  const queue = new Queue(name, {
    connection: redis,
    prefix: QUEUE_PREFIX,
    streams: { events: { maxLen: KEPT_EVENTS } },
    defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
    // Without these a connection that is lost while BullMQ inspects it leaves the queue broken for good.
    skipVersionCheck: true,
    skipWaitingForReady: true,
  })
  queue.on('error', () => {}) // the command that failed rejects as well
  return queue
}
