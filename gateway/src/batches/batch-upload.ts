import { keys } from '@wsg/shared/redis/keys.ts'
import { cancelMessages, MOVED_AT_ONCE } from '@wsg/shared/redis/message/move-message.ts'
import type { Redis } from 'ioredis'
import { Problem } from '../http/problem.ts'
import { claimMessage } from '../messages/idempotency.ts'
import type { MessageAcceptor, Taken } from '../messages/message-acceptor.ts'
import type { NewMessage } from '../messages/new-message.ts'
import type { LineAnswer, Refusal, UploadAnswer } from './batch-answer.ts'
import { type BatchLine, type LineDefaults, readLine } from './batch-line.ts'

const SEEN_EVERY_MS = 5_000

export interface BatchUploadParts {
  redis: Redis
  acceptor: MessageAcceptor
  retentionMs: number
  /** How long the batch is kept where nothing of it was accepted. */
  keptMs: number
}

export interface UploadRequest {
  sessionId: string
  /** The caller's Idempotency-Key for the whole, from which each line's own is made. */
  key: string | null
  defaults: LineDefaults
  requestId: string
}

/** One request that brings the messages of a batch: takes them group by group, counts, and says how it ended. */
export class BatchUpload {
  readonly batchId: string
  readonly #parts: BatchUploadParts
  readonly #request: UploadRequest
  readonly #heartbeat: NodeJS.Timeout
  readonly #counts = { accepted: 0, replayed: 0, refused: 0 }
  /** Accepted since it was last seen that the batch is not canceled. */
  #unchecked: string[] = []
  #isCanceled: boolean

  constructor(
    parts: BatchUploadParts,
    request: UploadRequest,
    batch: { batchId: string; isCanceled: boolean },
  ) {
    this.#parts = parts
    this.#request = request
    this.batchId = batch.batchId
    this.#isCanceled = batch.isCanceled
    this.#heartbeat = setInterval(() => void this.#note({}), SEEN_EVERY_MS).unref()
  }

  get answer(): UploadAnswer {
    const { accepted, replayed, refused } = this.#counts
    const total = accepted + replayed + refused
    return {
      batchId: this.batchId,
      sessionId: this.#request.sessionId,
      total,
      accepted,
      replayed,
      refused,
    }
  }

  /**
   * Judges each line by itself and accepts what can be accepted, in order.
   * @returns one answer per line
   */
  async take(lines: readonly BatchLine[]): Promise<LineAnswer[]> {
    const { acceptor } = this.#parts
    const orders = lines.map((line) => this.#toOrder(line))
    const taken = await acceptor.acceptInOrder(
      this.#request.sessionId,
      orders.filter((order): order is NewMessage => !(order instanceof Problem)),
      this.#isCanceled ? new Problem('batch_canceled') : null,
    )
    const outcomes = orders.map((order) =>
      order instanceof Problem ? order : (taken.shift() as Taken | Problem),
    )
    const replays = await this.#readReplays(outcomes)
    await this.#heedCancel(outcomes)
    return outcomes.map((outcome, i) => this.#count((lines[i] as BatchLine).line, outcome, replays))
  }

  /** To be called once, whatever happened. */
  async end(upload: 'complete' | 'interrupted'): Promise<void> {
    clearInterval(this.#heartbeat)
    await this.#heedCancel([])
    await this.#note({ upload })
  }

  #toOrder({ line, text }: BatchLine): NewMessage | Problem {
    const { sessionId, key, defaults, requestId } = this.#request
    if (text instanceof Problem) return text
    const read = readLine(text, defaults)
    if (read instanceof Problem) return read
    const { body, idempotencyKey = null } = read
    const own = idempotencyKey ?? (key === null ? null : `${key}:${line}`)
    const idempotency = own === null ? null : claimMessage(own, body, this.#parts.retentionMs)
    return { sessionId, body, idempotency, requestId, batch: { id: this.batchId, line } }
  }

  /** How it stands with the messages that were accepted before. */
  async #readReplays(outcomes: readonly (Taken | Problem)[]): Promise<Replays> {
    const { redis } = this.#parts
    const ids = outcomes.flatMap((one) => (one instanceof Problem || one.isNew ? [] : one.messageId))
    const found = await Promise.all(
      ids.map(async (id) => {
        const key = keys.message(this.#request.sessionId, id)
        return [id, await redis.hget(key, 'state').catch(() => null)] as const
      }),
    )
    return new Map(found)
  }

  /**
   * Looked at after every acceptance: whatever was accepted before the batch was canceled is found by who cancels it,
   * and whatever was accepted after that is taken back here.
   */
  async #heedCancel(outcomes: readonly (Taken | Problem)[]): Promise<void> {
    const { redis, retentionMs } = this.#parts
    const { sessionId } = this.#request
    for (const one of outcomes)
      if (!(one instanceof Problem) && one.isNew) this.#unchecked.push(one.record.id)
    if (this.#unchecked.length === 0) return
    try {
      this.#isCanceled = (await redis.hexists(keys.batch(sessionId, this.batchId), 'canceledAt')) === 1
      while (this.#isCanceled && this.#unchecked.length > 0) {
        await cancelMessages(redis, sessionId, this.#unchecked.slice(0, MOVED_AT_ONCE), retentionMs)
        this.#unchecked = this.#unchecked.slice(MOVED_AT_ONCE)
      }
      this.#unchecked = []
    } catch {
      // Redis went away: looked at again with the next lines.
    }
  }

  #count(line: number, outcome: Taken | Problem, replays: Replays): LineAnswer {
    if (outcome instanceof Problem) return this.#refuse(line, outcome)
    if (outcome.isNew) {
      this.#counts.accepted += 1
      return { line, id: outcome.record.id, status: this.#isCanceled ? 'canceled' : outcome.record.state }
    }
    const { messageId: id } = outcome
    const state = replays.get(id) ?? null
    if (state === null) return this.#refuse(line, new Problem('message_not_found', { members: { id } }))
    this.#counts.replayed += 1
    return { line, id, status: state, replayed: true }
  }

  #refuse(line: number, problem: Problem): Refusal {
    this.#counts.refused += 1
    const { code, message: error, retryable, extras } = problem
    const id = extras.members?.id
    return { line, code, error, retryable, ...(typeof id === 'string' && { id }) }
  }

  /** What is not noted, because Redis went away, is taken for an interruption by whoever reads it. */
  async #note(fields: { upload?: string }): Promise<void> {
    const { redis, keptMs } = this.#parts
    const batch = keys.batch(this.#request.sessionId, this.batchId)
    const { refused } = this.#counts
    await redis
      .multi()
      .hset(batch, { ...fields, refused, seenAt: Date.now() })
      .pexpire(batch, keptMs, 'NX')
      .exec()
      .catch(() => {})
  }
}

/** The states by id; null where there is no record, or Redis went away. */
type Replays = ReadonlyMap<string, string | null>
