import type { Logger } from '@wsg/shared/logger.ts'
import type { MessageRecord, NewMessageRecord } from '@wsg/shared/messages/message-record.ts'
import { nextDay } from '@wsg/shared/messages/pacing.ts'
import { type Confirmations, NotReplicated } from '@wsg/shared/redis/connection/confirmations.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { type AcceptAnswer, acceptMessage, loadAcceptance } from '@wsg/shared/redis/message/accept-message.ts'
import { readClaim } from '@wsg/shared/redis/message/read-message.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { toProblem } from '../http/answer-errors.ts'
import { Problem } from '../http/problem.ts'
import { isUnanswered, wasNeverSent } from '../http/redis-fault.ts'
import type { DesiredState } from '../sessions/desired-state.ts'
import { notReady } from '../sessions/not-ready.ts'
import { assertCanSend } from './assert-can-send.ts'
import type { IdempotencyClaim } from './idempotency.ts'
import type { MemoryGuard } from './memory-guard.ts'
import { isOver, type NewMessage, toAcceptedRecord, toNewRecord } from './new-message.ts'
import type { RedisClock } from './redis-clock.ts'

/** Longer than the time-out of one command, so that only what was given up is refused as too late. */
const ACCEPT_WITHIN_MS = 2_000

/** What became of a message that was not refused: a new message, or the one that its Idempotency-Key stands for. */
export type Taken = { isNew: true; record: MessageRecord } | { isNew: false; messageId: string }

interface MessageAcceptorParts {
  maxQueued: number
  /** How long a record is kept after its final state. */
  retentionMs: number
  /** The connection on which messages are accepted. */
  acceptances: Confirmations
  /** For what is read. */
  redis: RedisClient
  desired: DesiredState
  memory: MemoryGuard
  clock: RedisClock
  log: Logger
}

/** Decides about messages and writes down those that are accepted: one, or many in their order. */
export class MessageAcceptor {
  readonly #parts: MessageAcceptorParts

  constructor(parts: MessageAcceptorParts) {
    this.#parts = parts
  }

  /**
   * One round trip where the session is plainly ready. Anything else is looked at first.
   * @throws Problem where it was not accepted
   */
  async accept(message: NewMessage): Promise<Taken> {
    return await this.#confirmed(message, await this.#decide(message))
  }

  async #decide(message: NewMessage): Promise<Taken> {
    const { clock, memory } = this.#parts
    const refusal = await memory.refusal()
    const nowMs = clock.now()
    if (nowMs !== null && refusal === null && !isOver(message, nowMs)) {
      const record = toNewRecord(message)
      const answer = await this.#ask(message, record, false, nowMs)
      if (answer.outcome !== 'not_judged' && answer.outcome !== 'deleting' && answer.outcome !== 'late') {
        return conclude(record, answer)
      }
    }
    return await this.#acceptJudged(message)
  }

  /**
   * Many messages of one session, accepted in their order.
   * @param closed why nothing new is taken, whatever the session is; null where that depends on the session
   * @returns what became of each, the problem where it was not accepted
   */
  async acceptInOrder(
    sessionId: string,
    messages: readonly NewMessage[],
    closed: Problem | null,
  ): Promise<(Taken | Problem)[]> {
    const { acceptances, log } = this.#parts
    const settle = (message: NewMessage, taking: Promise<Taken>) =>
      taking
        .then((taken) => this.#confirmed(message, taken))
        .catch((error: unknown) => {
          const problem = toProblem(error)
          if (problem.code === 'internal_error') log.error({ err: error, sessionId }, 'message not accepted')
          return problem
        })
    try {
      const { nowMs, refusal } =
        closed === null ? await this.#judge(sessionId) : { nowMs: 0, refusal: closed }
      if (refusal !== null) {
        return await Promise.all(messages.map((message) => settle(message, this.#replayOr(message, refusal))))
      }
      // In the turn in which all are accepted, so that Redis takes them in the order of the calls.
      loadAcceptance(acceptances.redis).catch(() => {})
      return await Promise.all(
        messages.map((message) => {
          if (isOver(message, nowMs)) return settle(message, this.#replayOr(message, tooLate()))
          // Given to the connection in this turn: the order of the calls is the order of acceptance.
          const record = toNewRecord(message)
          return settle(
            message,
            this.#ask(message, record, true, nowMs).then((answer) => conclude(record, answer)),
          )
        }),
      )
    } catch (error) {
      return await Promise.all(messages.map((message) => settle(message, Promise.reject(error))))
    }
  }

  /** What was accepted earlier is said to be only where the key that stands for it is there and stays. */
  async #confirmed(message: NewMessage, taken: Taken): Promise<Taken> {
    const { acceptances } = this.#parts
    const { sessionId, idempotency } = message
    if (taken.isNew || idempotency === null || !acceptances.isOn) return taken
    const mark = acceptances.mark()
    try {
      const claim = await readClaim(acceptances.redis, sessionId, keyOf(message, idempotency))
      // Another connection, which found it, may have led to another primary.
      if (claim === null) throw new NotReplicated('a key is not on the primary')
      await acceptances.confirm(mark)
      return taken
    } catch (error) {
      throw isUnanswered(error) ? unconfirmedReplay(sessionId, taken.messageId) : error
    }
  }

  /** The message that an Idempotency-Key stands for, even where nothing new is taken at the moment. */
  async #acceptJudged(message: NewMessage): Promise<Taken> {
    const { redis, clock, memory, desired } = this.#parts
    const { sessionId, idempotency } = message
    const [snapshot, known, refusal] = await Promise.all([
      readSnapshot(redis, sessionId),
      idempotency === null ? null : readClaim(redis, sessionId, keyOf(message, idempotency)),
      memory.refusal(),
    ])
    clock.note(snapshot.nowMs)
    if (known !== null) return replay(known.messageId, isSameBody(known, idempotency))
    if (isOver(message, snapshot.nowMs)) throw tooLate()
    const verdict = assertCanSend(sessionId, snapshot)
    if (refusal !== null) throw refusal
    if (verdict === 'restore') await desired.want(sessionId, 'restore')
    const record = toNewRecord(message)
    return conclude(record, await this.#ask(message, record, true, snapshot.nowMs))
  }

  /** Whether a session takes messages now; loads one that was only waiting to be named. */
  async #judge(sessionId: string): Promise<{ nowMs: number; refusal: Problem | null }> {
    const { redis, clock, memory, desired } = this.#parts
    const [snapshot, refusal] = await Promise.all([readSnapshot(redis, sessionId), memory.refusal()])
    const { nowMs } = snapshot
    clock.note(nowMs)
    try {
      const verdict = assertCanSend(sessionId, snapshot)
      if (refusal !== null) return { nowMs, refusal }
      if (verdict === 'restore') await desired.want(sessionId, 'restore')
      return { nowMs, refusal: null }
    } catch (error) {
      if (error instanceof Problem) return { nowMs, refusal: error }
      throw error
    }
  }

  async #replayOr(message: NewMessage, refusal: Problem): Promise<Taken> {
    const { sessionId, idempotency } = message
    if (idempotency === null) throw refusal
    const known = await readClaim(this.#parts.redis, sessionId, keyOf(message, idempotency))
    if (known === null) throw refusal
    return replay(known.messageId, isSameBody(known, idempotency))
  }

  /**
   * Once this resolves with `accepted` the message is safe and, if it is due, in its session's send queue.
   * @param nowMs Redis' time, at which it was judged or is believed to be ready
   * @throws Problem where the answer of Redis was lost, or too few replicas confirmed it
   */
  async #ask(
    { idempotency }: NewMessage,
    record: NewMessageRecord,
    isJudged: boolean,
    nowMs: number,
  ): Promise<AcceptAnswer> {
    const { acceptances, maxQueued, retentionMs, clock } = this.#parts
    const { redis } = acceptances
    // Known to be away: nothing is sent, so that nothing is uncertain.
    if (redis.status !== 'ready') throw new Error('Connection is closed.')
    const notAfter = nowMs + ACCEPT_WITHIN_MS
    const mark = acceptances.mark()
    try {
      const acceptance = { record, idempotency, maxQueued, retentionMs, isJudged, notAfter }
      const answer = await acceptMessage(redis, acceptance)
      if (answer.outcome === 'accepted') await acceptances.confirm(mark)
      clock.note(answer.nowMs)
      return answer
    } catch (error) {
      clock.forget()
      if (isUnanswered(error) && !wasNeverSent(error)) throw uncertain(record, idempotency !== null)
      throw error
    }
  }
}

function conclude(record: NewMessageRecord, answer: AcceptAnswer): Taken {
  const { sessionId } = record
  switch (answer.outcome) {
    case 'accepted':
      return { isNew: true, record: toAcceptedRecord(record, answer) }
    case 'replayed':
    case 'reused':
      return replay(answer.messageId, answer.outcome === 'replayed')
    case 'queue_full':
      throw new Problem('queue_full', { members: { sessionId } })
    case 'daily_cap_reached':
      throw dailyCapReached(sessionId, answer.nowMs)
    case 'not_found':
      throw new Problem('session_not_found', { members: { sessionId } })
    case 'deleting':
      throw notReady(sessionId, 'stopped', 'deleting')
    case 'not_judged':
    case 'late':
      throw new Problem('redis_unavailable')
  }
}

function keyOf({ batch }: NewMessage, { keyHash, isOfBatch }: IdempotencyClaim) {
  return { keyHash, batchId: isOfBatch ? (batch?.id ?? null) : null }
}

function isSameBody({ fingerprint }: { fingerprint: string }, claim: IdempotencyClaim | null): boolean {
  return claim?.fingerprints.includes(fingerprint) === true
}

function replay(messageId: string, isSameBody: boolean): Taken {
  if (!isSameBody) throw new Problem('idempotency_key_reused')
  return { isNew: false, messageId }
}

/** It could not go out today; `Retry-After` says when the next day (UTC) begins. */
function dailyCapReached(sessionId: string, nowMs: number): Problem {
  const resumesAt = nextDay(nowMs)
  return new Problem('daily_cap_reached', {
    retryAfterSeconds: Math.ceil((resumesAt - nowMs) / 1_000),
    members: { sessionId, resumesAt: new Date(resumesAt).toISOString() },
  })
}

function tooLate(): Problem {
  return new Problem('invalid_request', {
    sentence: 'Invalid request: expiresAt: must be later than now.',
  })
}

/**
 * Nobody knows whether it was accepted. With an Idempotency-Key a repetition finds it or accepts it; without one a
 * repetition may be a second message, so the caller has to look first.
 */
function uncertain({ sessionId, id }: NewMessageRecord, hasKey: boolean): Problem {
  const remedy = hasKey
    ? `Repeat the request with the same Idempotency-Key: it is sent once. GET /messages/${id} tells what became of it.`
    : `It may have been accepted: GET /messages/${id} tells. Send it again only where that answers 404.`
  return new Problem('redis_unavailable', {
    sentence: `Redis went away while the message was being accepted. ${remedy}`,
    retryable: hasKey,
    members: { id, sessionId },
  })
}

/** It is there, but a failover could still undo it. */
function unconfirmedReplay(sessionId: string, id: string): Problem {
  return new Problem('redis_unavailable', {
    sentence:
      'Redis could not confirm that the message is safe. Repeat the request with the same Idempotency-Key: it is sent once.',
    members: { id, sessionId },
  })
}
