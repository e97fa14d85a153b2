import { keys } from '@wsg/shared/redis/keys.ts'
import { promoteMessage } from '@wsg/shared/redis/message/promote-message.ts'
import type { Redis } from 'ioredis'
import type { DesiredState } from '../sessions/desired-state.ts'

const PROMOTED_AT_ONCE = 250

/**
 * Gives the scheduled messages that are due their place in the queue, the earliest first, and loads the sessions that
 * only waited for that.
 * @param nowMs Redis' time
 * @param untilMs on the monotonic clock; what is left then is the next round's
 * @returns how many there were
 */
export async function promoteDue(
  parts: { redis: Redis; desired: DesiredState },
  nowMs: number,
  untilMs: number,
): Promise<number> {
  const { redis, desired } = parts
  const sessions = new Set<string>()
  let promoted = 0
  for (;;) {
    const due = await redis.zrangebyscore(keys.scheduled, '-inf', nowMs, 'LIMIT', 0, PROMOTED_AT_ONCE)
    const ready = (await promoteInOrder(redis, due)).filter((sessionId) => sessionId !== null)
    for (const sessionId of ready) sessions.add(sessionId)
    promoted += ready.length
    if (due.length < PROMOTED_AT_ONCE || performance.now() > untilMs) break
  }
  await Promise.all([...sessions].map((sessionId) => desired.touch(sessionId, { role: 'sender' })))
  return promoted
}

/** @returns the session of each; null for one that another gateway promoted, or that was canceled meanwhile */
async function promoteInOrder(redis: Redis, due: readonly string[]): Promise<(string | null)[]> {
  // Given to the connection in one turn: Redis carries them out in this order.
  return await Promise.all(
    due.map(async (entry) => {
      const [sessionId = '', messageId = ''] = entry.split('/')
      return (await promoteMessage(redis, { sessionId, messageId })) ? sessionId : null
    }),
  )
}
