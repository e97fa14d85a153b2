import type { Logger } from '@wsg/shared/logger.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { redisTime } from '@wsg/shared/redis/connection/server.ts'
import { dropWaiting, listDue, listExpired, promoteMessage } from '@wsg/shared/redis/message/due-messages.ts'
import { forgetGone } from '@wsg/shared/redis/message/message-lists.ts'
import { moveMessage } from '@wsg/shared/redis/message/move-message.ts'
import { listKnown } from '@wsg/shared/redis/session/known-sessions.ts'
import type { DesiredState } from '../sessions/desired-state.ts'

/** Below the second in which rounds come: a backlog is worked off in rounds, and nothing else waits for long. */
const ROUND_MS = 600
const MESSAGES_AT_ONCE = 250
/** Sessions whose lists are cleaned in a round, and how much of each list at most. */
const SESSIONS_AT_ONCE = 20
const FORGOTTEN_AT_ONCE = 500

interface MessageMaintenanceParts {
  redis: RedisClient
  desired: DesiredState
  /** How long a message record is kept after its final state. */
  retentionMs: number
  log: Logger
}

/** What time does to messages, worker or no worker: some expire, some become due, some are forgotten. */
export class MessageMaintenance {
  readonly #parts: MessageMaintenanceParts
  /** The place among the known sessions from which the next round cleans lists. */
  #nextToClean = 0

  constructor(parts: MessageMaintenanceParts) {
    this.#parts = parts
  }

  /** One round. To be run about once a second, by one gateway; by two of them at once it does the same. */
  async run(): Promise<void> {
    const nowMs = await redisTime(this.#parts.redis)
    const started = performance.now()
    const expired = await this.#expire(nowMs, started + ROUND_MS / 2)
    const promoted = await this.#promote(nowMs, started + ROUND_MS)
    const forgotten = await this.#forget(nowMs)
    if (expired + promoted + forgotten > 0)
      this.#parts.log.info({ expired, promoted, forgotten }, 'messages moved by time')
  }

  /**
   * Ends the messages whose time was over before anybody sent them, the earliest first.
   * @param untilMs on the monotonic clock; what is left then is the next round's
   */
  async #expire(nowMs: number, untilMs: number): Promise<number> {
    const { redis, retentionMs } = this.#parts
    for (let expired = 0; ; ) {
      const late = await listExpired(redis, nowMs, MESSAGES_AT_ONCE)
      const moves = await Promise.all(
        late.map(async (message) => {
          const move = { ...message, to: 'expired', from: ['queued'], retentionMs } as const
          return { message, answer: await moveMessage(redis, move) }
        }),
      )
      // Records that went with their session. One that was refused is being sent, and may come back to wait.
      const gone = moves.flatMap(({ message, answer }) =>
        !answer.moved && answer.why === 'absent' ? message : [],
      )
      await dropWaiting(redis, gone)
      const moved = moves.filter(({ answer }) => answer.moved).length
      expired += moved
      if (late.length < MESSAGES_AT_ONCE || moved + gone.length === 0 || performance.now() > untilMs)
        return expired
    }
  }

  /** Gives the scheduled messages that are due their place in the queue, and loads sessions that only waited for that. */
  async #promote(nowMs: number, untilMs: number): Promise<number> {
    const { redis, desired } = this.#parts
    const sessions = new Set<string>()
    let promoted = 0
    for (;;) {
      const due = await listDue(redis, nowMs, MESSAGES_AT_ONCE)
      // Given to the connection in one turn: Redis carries them out in this order.
      const answers = await Promise.all(due.map((message) => promoteMessage(redis, message)))
      const moved = due.filter((_, i) => answers[i])
      for (const { sessionId } of moved) sessions.add(sessionId)
      promoted += moved.length
      if (due.length < MESSAGES_AT_ONCE || performance.now() > untilMs) break
    }
    await Promise.all([...sessions].map((sessionId) => desired.touch(sessionId, { role: 'sender' })))
    return promoted
  }

  /**
   * Takes messages whose records are gone out of their sessions' lists. A busy session's lists are cleaned whenever a
   * message of it is settled; those of a quiet one only here, a few sessions in each round.
   */
  async #forget(nowMs: number): Promise<number> {
    const { redis, retentionMs } = this.#parts
    const sessions = await listKnown(redis, { from: this.#nextToClean, limit: SESSIONS_AT_ONCE })
    const cleaned = await Promise.all(
      sessions.map((id) => forgetGone(redis, id, nowMs - retentionMs, FORGOTTEN_AT_ONCE)),
    )
    // A list that has more is looked at again in the next round.
    if (!cleaned.some(({ isMore }) => isMore))
      this.#nextToClean = sessions.length < SESSIONS_AT_ONCE ? 0 : this.#nextToClean + SESSIONS_AT_ONCE
    return cleaned.reduce((sum, { forgotten }) => sum + forgotten, 0)
  }
}
