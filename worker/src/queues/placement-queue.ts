import type { Logger } from '@wsg/shared/logger.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { placementJobId, QUEUE_PREFIX, queues } from '@wsg/shared/redis/keys.ts'
import { isSessionId } from '@wsg/shared/sessions/session-id.ts'
import { z } from 'zod'
import { Queue } from './load-bullmq.ts'
import { PatientWorker } from './patient-worker.ts'

const placementSchema = z.object({ sessionId: z.string().refine(isSessionId) })

/** A session that was logged in goes before one that waits for a first scan. */
const PRIORITY_OF_RESTORES = 1

export interface PlacementQueueOptions {
  connection: RedisClient
  logger: Logger
}

/** Where sessions without an owner wait for a worker. The queue only places; the lease owns. */
export class PlacementQueue {
  readonly #options: PlacementQueueOptions
  readonly #queue: Queue
  #worker: PatientWorker | null = null
  #stopped = false

  constructor(options: PlacementQueueOptions) {
    this.#options = options
    const { connection } = options
    this.#queue = new Queue(queues.placement, { connection, prefix: QUEUE_PREFIX, skipVersionCheck: true })
    this.#queue.on('error', (err) => options.logger.debug({ err }, 'placement queue'))
  }

  /**
   * Offers one waiting session after the other until `claim` gives something, and gives that. Nothing is fetched in
   * between two calls, and the blocking connection exists only during one.
   * @returns null where `stop` was called
   */
  async next<T>(claim: (sessionId: string) => Promise<T | null>): Promise<T | null> {
    if (this.#stopped) return null
    let claimed: T | null = null
    const worker = new PatientWorker(
      queues.placement,
      async (job) => {
        const placement = placementSchema.safeParse(job.data)
        if (!placement.success || claimed !== null || this.#stopped) return
        claimed = await claim(placement.data.sessionId)
        // Before this job is over: completing it would fetch the next one in the same script.
        if (claimed !== null) await worker.pause(true)
      },
      {
        connection: this.#options.connection,
        prefix: QUEUE_PREFIX,
        concurrency: 1,
        lockDuration: 5_000,
        stalledInterval: 5_000,
        runRetryDelay: 1_000,
        // A worker that dies in between must not use up a session's placements: its lease has the say.
        maxStalledCount: 1_000,
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
      },
    )
    this.#worker = worker
    const over = new Promise<void>((resolve) => {
      worker.on('completed', () => claimed !== null && resolve())
      worker.on('failed', () => claimed !== null && resolve())
      worker.on('closed', () => resolve())
    })
    worker.on('error', (err) => this.#options.logger.debug({ err }, 'placement queue'))
    await over
    await worker.close(true)
    this.#worker = null
    return claimed
  }

  /** Lets the next idle worker have a session at once, instead of at the reconciler's next round. */
  async offer(sessionId: string): Promise<void> {
    await this.#queue.add(
      queues.placement,
      { sessionId },
      {
        jobId: placementJobId(sessionId),
        priority: PRIORITY_OF_RESTORES,
        removeOnComplete: true,
        removeOnFail: true,
      },
    )
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#worker?.close()
  }
}
