import { hostname } from 'node:os'
import type { Logger } from '@wsg/shared/logger.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { forgetWorkers, reportWorker, type WorkerDetails } from '@wsg/shared/redis/worker/workers.ts'
import packageFile from '../package.json' with { type: 'json' }

export interface WorkerRegistryOptions {
  redis: RedisClient
  workerId: string
  /** How long its word holds without another, in ms. */
  ttlMs: number
  memoryLimitMb: number | null
  logger: Logger
}

/** Says that this worker lives and what it does, so that workers can be counted and listed without asking them. */
export class WorkerRegistry {
  readonly #options: WorkerRegistryOptions
  readonly #details: WorkerDetails
  #timer: NodeJS.Timeout | undefined

  constructor(options: WorkerRegistryOptions) {
    this.#options = options
    this.#details = {
      host: hostname(),
      version: packageFile.version,
      startedAt: Math.round(performance.timeOrigin),
      memoryLimitMb: options.memoryLimitMb,
      sessionId: null,
    }
  }

  /**
   * From now on it is said again and again; a try that fails is made up for by the next.
   * @param sessionId the session that it owns, null while it is idle
   */
  async report(sessionId: string | null): Promise<void> {
    this.#details.sessionId = sessionId
    this.#timer ??= setInterval(() => void this.#say(), this.#options.ttlMs * 0.3)
    await this.#say()
  }

  async leave(): Promise<void> {
    clearInterval(this.#timer)
    const { redis, workerId } = this.#options
    // Where Redis is away its word runs out by itself.
    await forgetWorkers(redis, [workerId]).catch(() => {})
  }

  async #say(): Promise<void> {
    const { redis, workerId, ttlMs, logger } = this.#options
    try {
      await reportWorker(redis, { workerId, ttlMs, details: this.#details })
    } catch (err) {
      logger.debug({ err }, 'the worker could not report')
    }
  }
}
