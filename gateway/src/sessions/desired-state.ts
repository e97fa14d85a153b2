import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import {
  deleteSession,
  desireSession,
  logOutSession,
  stopSession,
  type Wish,
} from '@wsg/shared/redis/session/desired-state.ts'
import { pauseQueue } from '@wsg/shared/redis/session/queue-settings.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { isRestorable, type SessionSnapshot } from '@wsg/shared/sessions/session-view.ts'
import { mayAct, type TokenGrant } from '../access/grant.ts'
import { Problem } from '../http/problem.ts'
import type { Placement } from '../queues/placement.ts'

interface DesiredStateParts {
  redis: RedisClient
  placement: Placement
  /** How many sessions may wait for their first QR scan at once. */
  maxUnpaired: number
}

/** What callers want of a session. It is written to Redis and placed at once; the reconciler would do so a second later. */
export class DesiredState {
  readonly #parts: DesiredStateParts

  constructor(parts: DesiredStateParts) {
    this.#parts = parts
  }

  /**
   * Makes the session run. `create` also makes it where there is none.
   * @returns the session as it is afterwards
   * @throws Problem session_deleting, session_logging_out or too_many_unpaired
   */
  async want(sessionId: string, wish: Wish): Promise<SessionSnapshot> {
    const { redis, maxUnpaired } = this.#parts
    const answer = await desireSession(redis, { sessionId, wish, maxUnpaired })
    if (answer === 'deleting') throw beingDeleted(sessionId)
    if (answer === 'logging_out') throw new Problem('session_logging_out', { members: { sessionId } })
    if (answer === 'too_many_unpaired') throw new Problem('too_many_unpaired', { members: { sessionId } })
    return await this.#placeIfFree(sessionId)
  }

  /**
   * Reads the session, and first loads it where it has a saved login and nobody stopped it on purpose. A caller that
   * may only read starts no browser.
   */
  async touch(sessionId: string, caller: Pick<TokenGrant, 'role'> | null): Promise<SessionSnapshot> {
    const snapshot = await readSnapshot(this.#parts.redis, sessionId)
    const isLoaded = isRestorable(snapshot) && caller !== null && mayAct(caller, 'sender')
    return isLoaded ? await this.want(sessionId, 'restore') : snapshot
  }

  /** `touch`, of a session that exists. @throws Problem session_not_found */
  async known(sessionId: string, caller: Pick<TokenGrant, 'role'> | null): Promise<SessionSnapshot> {
    const snapshot = await this.touch(sessionId, caller)
    if (snapshot.fields.createdAt === undefined)
      throw new Problem('session_not_found', { members: { sessionId } })
    return snapshot
  }

  /** Stops the session until somebody asks for it again. @returns false where there is no such session */
  async stop(sessionId: string): Promise<boolean> {
    const answer = await stopSession(this.#parts.redis, sessionId)
    if (answer === 'deleting') throw beingDeleted(sessionId)
    return answer === 'stopped'
  }

  /**
   * Has a worker log the session out at WhatsApp, and then stop it.
   * @throws Problem session_not_found or session_deleting
   */
  async logOut(sessionId: string): Promise<void> {
    const answer = await logOutSession(this.#parts.redis, sessionId)
    if (answer === 'deleting') throw beingDeleted(sessionId)
    if (answer === 'not_found') throw new Problem('session_not_found', { members: { sessionId } })
    await this.#placeIfFree(sessionId)
  }

  /**
   * Stops or goes on sending. The session itself runs on, or stays as it is.
   * @throws Problem session_not_found or session_deleting
   */
  async pause(sessionId: string, isPaused: boolean): Promise<void> {
    const answer = await pauseQueue(this.#parts.redis, sessionId, isPaused)
    if (answer === 'deleting') throw beingDeleted(sessionId)
    if (answer === 'not_found') throw new Problem('session_not_found', { members: { sessionId } })
  }

  /** Marks the session for removal by a worker. @returns false where there is no such session */
  async delete(sessionId: string): Promise<boolean> {
    if ((await deleteSession(this.#parts.redis, sessionId)) === 'not_found') return false
    await this.#placeIfFree(sessionId)
    return true
  }

  async #placeIfFree(sessionId: string): Promise<SessionSnapshot> {
    const snapshot = await readSnapshot(this.#parts.redis, sessionId)
    const { notBefore, leaseToken, nowMs, fields } = snapshot
    if (notBefore !== null && notBefore <= nowMs && leaseToken === null) {
      await this.#parts.placement.place([{ sessionId, savedLogin: fields.savedLogin === '1' }])
    }
    return snapshot
  }
}

function beingDeleted(sessionId: string): Problem {
  return new Problem('session_deleting', {
    members: { sessionId, sessionStatus: 'stopped', expected: 'not_found' },
  })
}
