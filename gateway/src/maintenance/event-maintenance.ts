import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { redisTime } from '@wsg/shared/redis/connection/server.ts'
import { trimEventPlaces, trimEvents } from '@wsg/shared/redis/event/trim-events.ts'
import { listKnown } from '@wsg/shared/redis/session/known-sessions.ts'

/** Sessions whose logs are cleaned in a round. */
const SESSIONS_AT_ONCE = 20
/** A session that is busier than this loses its oldest events before their time. */
const MAX_EVENTS = 1_000_000

/** Forgets events that are older than they are to be kept, of a few sessions in each round. */
export class EventMaintenance {
  readonly #parts: { redis: RedisClient; retentionMs: number }
  /** The place among the known sessions from which the next round cleans logs. */
  #next = 0

  constructor(parts: { redis: RedisClient; retentionMs: number }) {
    this.#parts = parts
  }

  /** One round. To be run about once a second, by one gateway; by two of them at once it does the same. */
  async run(): Promise<void> {
    const { redis, retentionMs } = this.#parts
    const goneSince = (await redisTime(redis)) - retentionMs
    await trimEventPlaces(redis, goneSince)
    const sessions = await listKnown(redis, { from: this.#next, limit: SESSIONS_AT_ONCE })
    await Promise.all(sessions.map((id) => trimEvents(redis, id, { goneSince, maxEvents: MAX_EVENTS })))
    this.#next = sessions.length < SESSIONS_AT_ONCE ? 0 : this.#next + SESSIONS_AT_ONCE
  }
}
