import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { deliveriesBetween, findDelivery, makeDue } from '@wsg/shared/redis/event/deliveries.ts'
import type { WebhookKey } from '@wsg/shared/redis/event/webhooks.ts'

const MOVED_AT_ONCE = 500

/** Those that may be sent again by hand; what is pending is due anyway. */
export const redeliverable = ['dead', 'retrying', 'delivered'] as const
export type Redeliverable = (typeof redeliverable)[number]

/** Sends one event again, as if it had not been tried. @returns false where it is not listed */
export async function redeliverOne(
  redis: RedisClient,
  webhook: WebhookKey,
  eventId: string,
): Promise<boolean> {
  const key = await findDelivery(redis, webhook, eventId)
  if (key === null) return false
  for (const from of redeliverable) await makeDue(redis, webhook, { from, keys: [key], isAfresh: true })
  return true
}

/** Sends again what came to a status since then (epoch ms), in the order in which it did. @returns how many there were */
export async function redeliverMany(
  redis: RedisClient,
  webhook: WebhookKey,
  { status, since }: { status: Redeliverable; since: number },
): Promise<number> {
  // What is to be tried again stands by when that is.
  const until = status === 'retrying' ? Number.MAX_SAFE_INTEGER : Date.now()
  for (let count = 0; ; ) {
    const range = { status, since, until, limit: MOVED_AT_ONCE }
    const keys = await deliveriesBetween(redis, webhook, range)
    if (keys.length === 0) return count
    count += await makeDue(redis, webhook, { from: status, keys, isAfresh: true })
  }
}
