import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { listDesired } from '@wsg/shared/redis/session/desired-state.ts'
import { releaseDeadOwner } from '@wsg/shared/redis/session/lease.ts'
import { forgetWorkers } from '@wsg/shared/redis/worker/workers.ts'

/** Sessions that are looked through for one whose owner died before it could say what it owns. */
const LOOKED_THROUGH = 1_000

interface Dead {
  workerId: string
  /** null where the worker said nothing of a session: it may have died in between. */
  sessionId: string | null
}

/** Frees what dead workers owned; what fails because Redis is away is kept for `retry`. */
export class OwnerReleaser {
  readonly #redis: RedisClient
  readonly #pending = new Set<Dead>()

  constructor(redis: RedisClient) {
    this.#redis = redis
  }

  async release(dead: Dead): Promise<void> {
    this.#pending.add(dead)
    await this.retry().catch(() => {})
  }

  /** @throws what ioredis throws while Redis is away */
  async retry(): Promise<void> {
    for (const dead of this.#pending) {
      const sessions =
        dead.sessionId === null ? await listDesired(this.#redis, LOOKED_THROUGH) : [dead.sessionId]
      for (const id of sessions) await releaseDeadOwner(this.#redis, id, dead.workerId)
      await forgetWorkers(this.#redis, [dead.workerId])
      this.#pending.delete(dead)
    }
  }
}
