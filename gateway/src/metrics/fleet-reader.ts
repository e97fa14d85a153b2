import { keys } from '@wsg/shared/redis/keys.ts'
import { readFleetSnapshot } from '@wsg/shared/redis/worker/fleet-snapshot.ts'
import { readWorkers } from '@wsg/shared/redis/worker/workers.ts'
import type { Redis } from 'ioredis'
import type { FleetReading } from './fleet-samples.ts'

/** Several who ask within this time get one reading: it looks at every session. */
const HOLDS_MS = 5_000

/** Reads the figures of the fleet, at most once every few seconds. */
export class FleetReader {
  readonly #redis: Redis
  #reading: Promise<FleetReading> | null = null
  #holdsUntil = 0

  constructor(redis: Redis) {
    this.#redis = redis
  }

  /** @throws where Redis does not answer now, whatever was read a moment ago */
  async read(): Promise<FleetReading> {
    await this.#redis.ping()
    if (this.#reading === null || performance.now() > this.#holdsUntil) {
      this.#holdsUntil = Number.POSITIVE_INFINITY
      this.#reading = this.#readOnce()
    }
    return await this.#reading
  }

  async #readOnce(): Promise<FleetReading> {
    const redis = this.#redis
    const startedAt = performance.now()
    try {
      const [snapshot, workers, desired, counted] = await Promise.all([
        readFleetSnapshot(redis),
        readWorkers(redis),
        redis.zcard(keys.desired),
        redis.hgetall(keys.figures),
      ])
      const now = performance.now()
      this.#holdsUntil = now + HOLDS_MS
      return { snapshot, workers, desired, counted, tookMs: now - startedAt }
    } catch (error) {
      this.#reading = null
      throw error
    }
  }
}
