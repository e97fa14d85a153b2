import type { Logger } from '@wsg/shared/logger.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { defineScript, runScript } from '@wsg/shared/redis/script.ts'
import { forgetWorkers } from '@wsg/shared/redis/worker/forget-workers.ts'
import type { Redis } from 'ioredis'

/** KEYS: workers, idle workers. ARGV: worker, valid for (ms), idle (1 or 0). By Redis' clock, which readers compare with. */
const REGISTER = defineScript(`
local time = redis.call('TIME')
local validUntil = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
redis.call('ZADD', KEYS[1], validUntil, ARGV[1])
if ARGV[3] == '1' then redis.call('ZADD', KEYS[2], validUntil, ARGV[1]) else redis.call('ZREM', KEYS[2], ARGV[1]) end
`)

export interface WorkerRegistryOptions {
  redis: Redis
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
      await runScript(
        redis,
        REGISTER,
        [keys.workers, keys.idleWorkers],
        [workerId, ttlMs, this.#idle ? 1 : 0],
      )
    } catch (err) {
      logger.debug({ err }, 'the worker could not report')
    }
  }
}
