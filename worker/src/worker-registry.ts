import type { Logger } from '@wsg/shared/logger.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { forgetWorkers, reportWorker } from '@wsg/shared/redis/worker/workers.ts'

export interface WorkerRegistryOptions {
  redis: RedisClient
  workerId: string
  /** How long its word holds without another, in ms. */
  ttlMs: number
  logger: Logger
}

/** Says that this worker lives and whether it is idle, so that they can be counted without asking them. */
export class WorkerRegistry {
  readonly #options: WorkerRegistryOptions
  #idle = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: WorkerRegistryOptions) {
    this.#options = options
  }

  /** From now on it is said again and again; a try that fails is made up for by the next. */
  async report(idle: boolean): Promise<void> {
    this.#idle = idle
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
      await reportWorker(redis, { workerId, isIdle: this.#idle, ttlMs })
    } catch (err) {
      logger.debug({ err }, 'the worker could not report')
    }
  }
}
