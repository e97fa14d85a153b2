import { isSettled, messageStates } from '@wsg/shared/messages/message-lifecycle.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'

const SESSIONS_AT_ONCE = 20
const FORGOTTEN_AT_ONCE = 500

/** Records are kept for ever before. */
const settledStates = messageStates.filter(isSettled)

/**
 * Takes the messages whose records are gone out of their sessions' lists. A busy session's lists are cleaned whenever a
 * message of it is settled; those of a quiet one only here, a few sessions a round and round again.
 */
export class ForgottenRecords {
  readonly #redis: Redis
  readonly #retentionMs: number
  #next = 0

  constructor(redis: Redis, retentionMs: number) {
    this.#redis = redis
    this.#retentionMs = retentionMs
  }

  /** @param nowMs Redis' time. @returns how many there were among the sessions of this round */
  async forget(nowMs: number): Promise<number> {
    const from = this.#next
    const sessions = await this.#redis.zrange(keys.sessions, from, String(from + SESSIONS_AT_ONCE - 1))
    const goneSince = nowMs - this.#retentionMs
    const lists = sessions.flatMap((id) => settledStates.map((state) => keys.messagesIn(id, state)))
    const counts = await Promise.all(lists.map((list) => this.#forgetIn(list, goneSince)))
    // A list that has more is looked at again in the next round.
    if (!counts.includes(FORGOTTEN_AT_ONCE)) {
      this.#next = sessions.length < SESSIONS_AT_ONCE ? 0 : from + SESSIONS_AT_ONCE
    }
    return counts.reduce((sum, count) => sum + count, 0)
  }

  /** The time at which a message came to a settled state is when its record's retention began. */
  async #forgetIn(list: string, goneSince: number): Promise<number> {
    const gone = await this.#redis.zrangebyscore(list, '-inf', goneSince, 'LIMIT', 0, FORGOTTEN_AT_ONCE)
    return gone.length === 0 ? 0 : await this.#redis.zrem(list, ...gone)
  }
}
