import type { NewMessageRecord } from '@wsg/shared/messages/message-record.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { acceptMessage } from '@wsg/shared/redis/message/accept-message.ts'
import { moveMessage } from '@wsg/shared/redis/message/move-message.ts'
import { desireSession } from '@wsg/shared/redis/session/desired-state.ts'
import { takeLease } from '@wsg/shared/redis/session/lease.ts'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { connectPatiently, type RedisServer, startRedis } from '../../support/redis.ts'
import { waitFor } from '../../support/wait-for.ts'

/** The session that the scripts are tried on. */
export const SESSION = '__proto__'
export const RECIPIENT = '5511999887766'

/** The id of the message with that number. */
export function idOf(number: number): string {
  return `3EB0${String(number).padStart(18, '0')}`
}

/** A Redis of its own for one test file, emptied before every test, and short words for what most tests do first. */
export function scriptGround() {
  let server: RedisServer
  let redis: Redis
  let attempts = 0

  beforeAll(async () => {
    server = await startRedis()
    redis = connectPatiently(server.url)
    await waitFor('the connection', () => redis.status === 'ready')
  })
  afterAll(async () => {
    redis.disconnect()
    await server.stop()
  })
  beforeEach(async () => {
    await redis.flushall()
  })

  /** Makes the session desired and takes its lease. @returns the token */
  async function own(ttlMs = 5_000): Promise<string> {
    await desireSession(redis, { sessionId: SESSION, wish: 'create', maxUnpaired: 9 })
    const random = String(attempts++).padStart(32, '0')
    const taken = await takeLease(redis, { sessionId: SESSION, random, workerId: 'w1', ttlMs })
    if (!('token' in taken)) throw new Error(`the lease was refused: ${taken.refused}`)
    return taken.token
  }

  interface Accepting {
    expiresInMs?: number
    idempotencyKey?: string
    /** It is the key of a line of a batch. */
    isOfBatch?: boolean
    isJudged?: boolean
    /** False where the session is not to be made known first. */
    isKnown?: boolean
    record?: Partial<NewMessageRecord>
  }

  /** @returns the outcome, and the id where there is one */
  async function accept(number: number, given: Accepting = {}): Promise<string> {
    const { expiresInMs = 60_000, idempotencyKey, isOfBatch = false } = given
    const { isJudged = true, isKnown = true, record = {} } = given
    if (isKnown) await redis.hsetnx(keys.session(SESSION), 'createdAt', '1')
    const answer = await acceptMessage(redis, {
      record: {
        id: idOf(number),
        sessionId: SESSION,
        to: RECIPIENT,
        recipient: RECIPIENT,
        content: { type: 'text', text: `text ${number}`, linkPreview: true, mentions: [] },
        expiresAt: Date.now() + expiresInMs,
        waiter: 'g1',
        ...record,
      },
      idempotency:
        idempotencyKey === undefined
          ? null
          : { keyHash: idempotencyKey, fingerprints: [`f${number}`], isOfBatch },
      maxQueued: 3,
      retentionMs: 60_000,
      isJudged,
    })
    return 'messageId' in answer ? `${answer.outcome} ${answer.messageId}` : answer.outcome
  }

  const move = (number: number, to: 'sending' | 'sent' | 'canceled' | 'queued' | 'unknown', token?: string) =>
    moveMessage(redis, {
      sessionId: SESSION,
      messageId: idOf(number),
      to,
      retentionMs: 60_000,
      ...(token === undefined ? {} : { token }),
    })

  return {
    get redis() {
      return redis
    },
    own,
    accept,
    move,
  }
}
