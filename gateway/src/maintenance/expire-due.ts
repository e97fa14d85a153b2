import { keys } from '@wsg/shared/redis/keys.ts'
import { moveMessage } from '@wsg/shared/redis/message/move-message.ts'
import type { Redis } from 'ioredis'

const EXPIRED_AT_ONCE = 250

/**
 * Ends the messages whose time was over before anybody sent them, the earliest first, with or without a worker.
 * @param nowMs Redis' time: a clock that is ahead would end them early
 * @param untilMs on the monotonic clock; what is left then is the next round's
 * @returns how many there were
 */
export async function expireDue(
  redis: Redis,
  nowMs: number,
  retentionMs: number,
  untilMs: number,
): Promise<number> {
  for (let expired = 0; ; ) {
    const due = await redis.zrangebyscore(keys.waiting, '-inf', nowMs, 'LIMIT', 0, EXPIRED_AT_ONCE)
    const moves = await Promise.all(
      due.map(async (entry) => {
        const [sessionId = '', messageId = ''] = entry.split('/')
        const move = { sessionId, messageId, to: 'expired', from: ['queued'], retentionMs } as const
        return { entry, answer: await moveMessage(redis, move) }
      }),
    )
    // Records that went with their session. One that was refused is being sent, and may come back to wait.
    const gone = moves.flatMap(({ entry, answer }) => (!answer.moved && answer.why === 'absent' ? entry : []))
    if (gone.length > 0) await redis.zrem(keys.waiting, ...gone)
    const moved = moves.filter(({ answer }) => answer.moved).length
    expired += moved
    if (due.length < EXPIRED_AT_ONCE || moved + gone.length === 0 || performance.now() > untilMs)
      return expired
  }
}
