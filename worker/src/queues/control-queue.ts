import type { Logger } from '@wsg/shared/logger.ts'
import { QUEUE_PREFIX, queues } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'
import { PatientWorker } from './patient-worker.ts'

export interface ControlQueueOptions {
  connection: Redis
  sessionId: string
  logger: Logger
  /** Gets what the queue carried, unchecked. Returns at once: the work goes on beside the queue. */
  desk: { accept(data: unknown): void }
}

/**
 * What gateways ask of one session. A job is over as soon as it is accepted, so that a slow one never holds up the
 * next, and a worker that dies takes with it only requests whose callers will hear of it by their own deadline.
 */
export class ControlQueue {
  readonly #worker: PatientWorker

  constructor({ connection, sessionId, logger, desk }: ControlQueueOptions) {
    this.#worker = new PatientWorker(queues.control(sessionId), async (job) => desk.accept(job.data), {
      connection,
      prefix: QUEUE_PREFIX,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      maxStalledCount: 1_000,
      runRetryDelay: 1_000,
    })
    this.#worker.on('error', (err) => logger.debug({ err }, 'control queue'))
  }

  async close(): Promise<void> {
    await this.#worker.close(true)
  }
}
