import { keys } from '@wsg/shared/redis/keys.ts'
import { promoteMessage } from '@wsg/shared/redis/promote-message.ts'
import type { Redis } from 'ioredis'
import type { SessionWishes } from '../sessions/session-wishes.ts'
import type { ControlQueue } from './control-queue.ts'
import type { MessageQueue } from './message-queue.ts'

const PROMOTED_AT_ONCE = 250

interface DueMessage {
  sessionId: string
  messageId: string
  isUrgent: boolean
}

/**
 * Gives the scheduled messages that are due their place in the queue, the earliest first, and loads the sessions that
 * only waited for that.
 * @param nowMs Redis' time
 * @param untilMs on the monotonic clock; what is left then is the next round's
 * @returns how many there were
 */
export async function promoteDue(
  parts: { redis: Redis; messages: MessageQueue; wishes: SessionWishes; control: ControlQueue },
  nowMs: number,
  untilMs: number,
): Promise<number> {
  const { redis, messages, wishes, control } = parts
  const sessions = new Set<string>()
  const urgent = new Set<string>()
  let promoted = 0
  for (;;) {
    const due = await redis.zrangebyscore(keys.scheduled, '-inf', nowMs, 'LIMIT', 0, PROMOTED_AT_ONCE)
    const ready = (await promoteInOrder(redis, due)).filter((message) => message !== null)
    for (const { sessionId, messageId, isUrgent } of ready) {
      messages.addJob(sessionId, messageId)
      sessions.add(sessionId)
      if (isUrgent) urgent.add(sessionId)
    }
    promoted += ready.length
    if (due.length < PROMOTED_AT_ONCE || performance.now() > untilMs) break
  }
  for (const sessionId of urgent) control.hintQueue(sessionId, 'due')
  await Promise.all([...sessions].map((sessionId) => wishes.touch(sessionId)))
  return promoted
}

/** @returns null for each that another gateway promoted, or that was canceled meanwhile */
async function promoteInOrder(redis: Redis, due: readonly string[]): Promise<(DueMessage | null)[]> {
  const found = await Promise.all(
    due.map(async (entry) => {
      const [sessionId = '', messageId = ''] = entry.split('/')
      const [recipient, urgent] = await redis.hmget(keys.message(sessionId, messageId), 'recipient', 'urgent')
      return { entry, sessionId, messageId, recipient: recipient ?? '', isUrgent: urgent === '1' }
    }),
  )
  // Given to the connection in one turn: Redis carries them out in this order.
  return await Promise.all(
    found.map(async ({ entry, ...message }) => {
      if (await promoteMessage(redis, message)) return message
      return null
    }),
  )
}
