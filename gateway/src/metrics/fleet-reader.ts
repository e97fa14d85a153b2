import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { ping } from '@wsg/shared/redis/connection/server.ts'
import { readWebhookLags } from '@wsg/shared/redis/event/webhook-lags.ts'
import { countDesired } from '@wsg/shared/redis/session/desired-state.ts'
import { readFigures } from '@wsg/shared/redis/worker/fleet-figures.ts'
import { readFleetSnapshot } from '@wsg/shared/redis/worker/fleet-snapshot.ts'
import { readWorkers } from '@wsg/shared/redis/worker/workers.ts'
import type { FleetReading } from './fleet-samples.ts'

/** Several who ask within this time get one reading: it looks at every session. */
const HOLDS_MS = 5_000

/** Reads the figures of the fleet, at most once every few seconds. */
export class FleetReader {
  readonly #redis: RedisClient
  #reading: Promise<FleetReading> | null = null
  #holdsUntil = 0

  constructor(redis: RedisClient) {
    this.#redis = redis
  }

  /** @throws where Redis does not answer now, whatever was read a moment ago */
  async read(): Promise<FleetReading> {
    await ping(this.#redis)
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
      const [snapshot, workers, desired, webhooks, counted] = await Promise.all([
        readFleetSnapshot(redis),
        readWorkers(redis),
        countDesired(redis),
        readWebhookLags(redis),
        readFigures(redis),
      ])
      const now = performance.now()
      this.#holdsUntil = now + HOLDS_MS
      return { snapshot, workers, desired, webhooks, counted, tookMs: now - startedAt }
    } catch (error) {
      this.#reading = null
      throw error
    }
  }
}
