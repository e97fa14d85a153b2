import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { MessageState } from '@wsg/shared/messages/message-lifecycle.ts'
import type { Job, Reply } from '@wsg/shared/operations/job.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { type MessageMove, moveMessage } from '@wsg/shared/redis/message/move-message.ts'
import { readQueue } from '@wsg/shared/redis/message/read-queue.ts'
import { replyToJob, takeJobs } from '@wsg/shared/redis/session/jobs.ts'
import { takeLease } from '@wsg/shared/redis/session/lease.ts'
import { publishSession, type SessionPublication } from '@wsg/shared/redis/session/publish-session.ts'
import type { SessionFields } from '@wsg/shared/sessions/session-view.ts'
import { Redis } from 'ioredis'

const TTL_MS = 60_000
const LOOK_EVERY_MS = 5

/** Plays the part of the worker that owns one session, with the product's own scripts. */
export class ActingWorker {
  readonly redis: Redis
  readonly sessionId: string
  readonly token: string
  readonly #working: Promise<void>[] = []
  readonly #subscribers: Redis[] = []
  readonly #close = new AbortController()

  private constructor(redis: Redis, sessionId: string, token: string) {
    this.redis = redis
    this.sessionId = sessionId
    this.token = token
  }

  /** Takes the lease of a session, which must be desired. */
  static async own(url: string, sessionId: string, ttlMs = TTL_MS): Promise<ActingWorker> {
    const redis = new Redis(url)
    // A test may take Redis away.
    redis.on('error', () => {})
    const random = randomBytes(16).toString('hex')
    const lease = await takeLease(redis, { sessionId, random, workerId: 'acting', ttlMs })
    if ('refused' in lease) {
      redis.disconnect()
      throw new Error(`the lease was refused: ${lease.refused}`)
    }
    return new ActingWorker(redis, sessionId, lease.token)
  }

  /** Makes a session desired, owns it and publishes `ready` with a saved login. */
  static async ready(url: string, sessionId: string, ttlMs = TTL_MS): Promise<ActingWorker> {
    const redis = new Redis(url)
    const now = Date.now()
    await redis.hsetnx(keys.session(sessionId), 'createdAt', String(now))
    await redis.zadd(keys.sessions, 'NX', now, sessionId)
    await redis.zadd(keys.desired, now - 1_000, sessionId)
    redis.disconnect()
    const worker = await ActingWorker.own(url, sessionId, ttlMs)
    await worker.publish('ready', 'connected', {
      savedLogin: '1',
      account: '5511900000000',
      phone: '5511900000000',
      pushName: 'Shop',
      connectedAt: new Date().toISOString(),
      memoryMb: '180',
    })
    return worker
  }

  async publish(
    status: SessionPublication['status'],
    reason: SessionPublication['reason'],
    fields: SessionFields = {},
    more: Partial<SessionPublication> = {},
  ): Promise<void> {
    const { sessionId, token } = this
    const answer = await publishSession(this.redis, {
      sessionId,
      token,
      status,
      reason,
      fields,
      ...more,
    })
    if (answer !== 'published') throw new Error(`not published: ${answer}`)
  }

  async die(): Promise<void> {
    await this.redis.del(keys.lease(this.sessionId))
  }

  /** Takes the session's sends from now on and moves each to `to`. @returns the ids in the order in which they came */
  takeSends(
    to: MessageState = 'sent',
    fields: MessageMove['fields'] = {
      chatId: '5511999887766@c.us',
      messageId: 'true_5511999887766@c.us_X',
    },
  ): string[] {
    const taken: string[] = []
    const move = { sessionId: this.sessionId, token: this.token, retentionMs: 60_000 }
    /** @returns whether the ones behind it have to wait */
    const send = async (messageId: string): Promise<boolean> => {
      const begun = await moveMessage(this.redis, { ...move, messageId, to: 'sending' })
      if (!begun.moved) return false
      taken.push(messageId)
      if (to !== 'sending') await moveMessage(this.redis, { ...move, messageId, to, fields })
      return false
    }
    const sendAll = async () => {
      while (!this.#close.signal.aborted) {
        const waiting = await readQueue(this.redis, this.sessionId, { after: 0, limit: 100 }).catch(() => [])
        for (const { id } of waiting) if (await send(id).catch(() => true)) break
        await pause(LOOK_EVERY_MS)
      }
    }
    this.#working.push(sendAll())
    return taken
  }

  /** Answers the session's jobs from now on. @returns the names in the order in which they came */
  takeJobs(answer: (job: Job) => Promise<Reply | null> | Reply | null): string[] {
    const taken: string[] = []
    const takeAll = async () => {
      while (!this.#close.signal.aborted) {
        for (const { job } of await takeJobs(this.redis, this.sessionId, this.token).catch(() => [])) {
          if (job === null) continue
          taken.push(job.name)
          const reply = await answer(job)
          if (reply !== null) await replyToJob(this.redis, job, reply, 60_000)
        }
        await pause(LOOK_EVERY_MS)
      }
    }
    this.#working.push(takeAll())
    return taken
  }

  /** Hears what gateways tell the owner. @returns the words in the order in which they came */
  async hear(onWord: (word: string) => Promise<void> | void = () => {}): Promise<string[]> {
    const heard: string[] = []
    const subscriber = this.redis.duplicate()
    this.#subscribers.push(subscriber)
    subscriber.on('message', (_channel: string, word: string) => {
      heard.push(word)
      void onWord(word)
    })
    await subscriber.subscribe(keys.notifications(this.sessionId))
    return heard
  }

  async close(): Promise<void> {
    this.#close.abort()
    await Promise.all(this.#working)
    for (const subscriber of this.#subscribers) subscriber.disconnect()
    this.redis.disconnect()
  }
}
