import type { HistoryEvent } from '../../sessions/session-history.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'

/**
 * What is counted for the whole fleet, as fields of one Redis hash. They are counted inside the scripts that make it
 * happen, so that they cost no round trip and count nothing twice; gateways show them at `/metrics`.
 */

/**
 * How a session came to its next owner after one that never let go of it: `certain` where its death was proven by the
 * lock that it held, `lapsed` where only its lease ran out.
 */
export const takeovers = ['certain', 'lapsed'] as const
export type Takeover = (typeof takeovers)[number]

/** The states that end a message without an ack. One that is acked is counted by how long that took. */
export const unackedEnds = ['failed', 'canceled', 'expired', 'unknown'] as const
type UnackedEnd = (typeof unackedEnds)[number]

/** `dropped`: the event was not kept any more when its turn came. */
export const deliveryEnds = ['delivered', 'retrying', 'dead', 'dropped'] as const
type DeliveryEnd = (typeof deliveryEnds)[number]

/** From the acceptance of a message to the first ack: the upper bounds (ms) by which it is counted. */
export const sendLatencyBoundsMs = [
  10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 3_600_000,
] as const

export const figures = {
  takeover: (how: Takeover) => `takeover:${how}`,
  /** An empty one gives the beginning of the name, for scripts; so with those below. */
  sessionEvent: (event: HistoryEvent | '') => `session:${event}`,
  accepted: 'message:accepted',
  ended: (how: UnackedEnd | '') => `message:${how}`,
  /** How many were acked within a bound and not within the one before; `more`: past the last. */
  ackedWithin: (boundMs: number | 'more' | '') => `acked-within:${boundMs}`,
  /** The sum of all latencies, in ms. */
  ackedAfterMs: 'acked-after-ms',
  /** What became of deliveries to webhooks; `retrying` counts each time that one goes behind the others. */
  delivery: (what: DeliveryEnd | '') => `delivery:${what}`,
  /** Requests to webhooks that were not answered with a 2xx. */
  failedAttempts: 'delivery-attempt:failed',
} as const

/** What was counted, by those fields; what never happened is absent. */
export async function readFigures(redis: RedisClient): Promise<Record<string, string>> {
  return await commandsOf(redis).hgetall(keys.figures)
}
