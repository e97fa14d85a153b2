import type { Logger } from '@wsg/shared/logger.ts'
import { connectForBlocking, reconnectTogether } from '@wsg/shared/redis/connection/connect.ts'
import type { RedisAddress } from '@wsg/shared/redis/connection/redis-address.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { QUEUE_PREFIX, queues } from '@wsg/shared/redis/keys.ts'
import type { Queue } from 'bullmq'
import pTimeout from 'p-timeout'
import { PatientWorker } from './patient-worker.ts'

const SCHEDULER = 'reconcile'
const EVERY_MS = 1_000
const LOOK_AFTER_MS = 5_000
const CLOSE_WITHIN_MS = 1_000

/**
 * Runs `reconcile` once a second, in one gateway at a time. The schedule lives in Redis and any gateway carries it
 * out; each looks every few seconds whether it is still there, because Redis may have been emptied.
 */
export class Reconciler {
  readonly #queue: Queue
  readonly #connection: RedisClient
  readonly #worker: PatientWorker
  readonly #log: Logger
  readonly #timer: NodeJS.Timeout

  constructor(parts: {
    address: RedisAddress
    redis: RedisClient
    queue: Queue
    log: Logger
    reconcile: () => Promise<void>
  }) {
    this.#queue = parts.queue
    this.#log = parts.log
    this.#connection = connectForBlocking(parts.address, 'gateway:reconcile')
    reconnectTogether(parts.redis, this.#connection)
    this.#worker = new PatientWorker(queues.reconcile, () => parts.reconcile(), {
      connection: this.#connection,
      prefix: QUEUE_PREFIX,
      // A gateway that dies in the middle holds the schedule up for this long at most.
      lockDuration: 5_000,
      stalledInterval: 5_000,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      runRetryDelay: 1_000,
    })
    this.#worker.on('error', () => {})
    this.#worker.on('failed', (_job, error) => this.#log.warn({ err: error }, 'reconciling failed'))
    this.#timer = setInterval(() => void this.#keepScheduled(), LOOK_AFTER_MS)
    parts.redis.on('ready', () => void this.#keepScheduled())
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    // While Redis is away BullMQ waits for it before it closes, and for an end that does not come after a disconnect.
    const giveUp = () => void this.#worker.disconnect().catch(() => {})
    await pTimeout(this.#worker.close(), { milliseconds: CLOSE_WITHIN_MS, fallback: giveUp }).catch(() => {})
    this.#connection.disconnect()
  }

  async #keepScheduled(): Promise<void> {
    try {
      const scheduler = await this.#queue.getJobScheduler(SCHEDULER)
      const due = scheduler?.next ?? 0
      if (due > Date.now() - LOOK_AFTER_MS) return
      await this.#queue.upsertJobScheduler(SCHEDULER, { every: EVERY_MS }, { name: SCHEDULER })
    } catch (error) {
      this.#log.debug({ err: error }, 'schedule not looked at; tried again')
    }
  }
}
