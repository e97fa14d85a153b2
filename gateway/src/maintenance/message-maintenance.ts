import type { Logger } from '@wsg/shared/logger.ts'
import { redisTime } from '@wsg/shared/redis/connection/redis-time.ts'
import type { Redis } from 'ioredis'
import type { DesiredState } from '../sessions/desired-state.ts'
import { expireDue } from './expire-due.ts'
import { ForgottenRecords } from './forget-records.ts'
import { promoteDue } from './promote-due.ts'

/** Below the second in which rounds come: a backlog is worked off in rounds, and nothing else waits for long. */
const ROUND_MS = 600

interface MessageMaintenanceParts {
  redis: Redis
  desired: DesiredState
  /** How long a message record is kept after its final state. */
  retentionMs: number
  log: Logger
}

/** What time does to messages, worker or no worker: some expire, some become due, some are forgotten. */
export class MessageMaintenance {
  readonly #parts: MessageMaintenanceParts
  readonly #forgotten: ForgottenRecords

  constructor(parts: MessageMaintenanceParts) {
    this.#parts = parts
    this.#forgotten = new ForgottenRecords(parts.redis, parts.retentionMs)
  }

  /** One round. To be run about once a second, by one gateway; by two of them at once it does the same. */
  async run(): Promise<void> {
    const { redis, retentionMs, log } = this.#parts
    const nowMs = await redisTime(redis)
    const started = performance.now()
    const expired = await expireDue(redis, nowMs, retentionMs, started + ROUND_MS / 2)
    const promoted = await promoteDue(this.#parts, nowMs, started + ROUND_MS)
    const forgotten = await this.#forgotten.forget(nowMs)
    if (expired + promoted + forgotten > 0)
      log.info({ expired, promoted, forgotten }, 'messages moved by time')
  }
}
