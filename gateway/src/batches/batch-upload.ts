import type { StoredRequest } from '@wsg/shared/messages/send-request.ts'
import { isBatchClosed, noteUpload, readLines, type UploadNote } from '@wsg/shared/redis/batch/batch.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { cancelMessages, MOVED_AT_ONCE } from '@wsg/shared/redis/message/move-message.ts'
import { readMessage, readMessageState } from '@wsg/shared/redis/message/read-message.ts'
import { toProblem } from '../http/answer-errors.ts'
import { Problem } from '../http/problem.ts'
import type { MediaIntake } from '../media/media-intake.ts'
import { claimMessage } from '../messages/idempotency.ts'
import type { MessageAcceptor, Taken } from '../messages/message-acceptor.ts'
import type { NewMessage } from '../messages/new-message.ts'
import type { LineAnswer, Refusal, UploadAnswer } from './batch-answer.ts'
import { isSaid, type LineKey, LineKeys } from './line-keys.ts'
import { type LineDefaults, readLine } from './read-line.ts'
import type { BatchLine, BodySplitter } from './split-body.ts'

const SEEN_EVERY_MS = 5_000
/**
 * Lines in one pipeline to Redis. More would delay the answers and the other requests of this gateway, and on a machine
 * that is busy the last of them would not be answered within the time-out of a command. Fewer are hardly slower.
 */
const LINES_AT_ONCE = 100

export interface BatchUploadParts {
  redis: RedisClient
  acceptor: MessageAcceptor
  media: MediaIntake
  retentionMs: number
  /** How long the batch is kept at least. */
  keptMs: number
}

export interface UploadRequest {
  sessionId: string
  /** The caller's Idempotency-Key for the whole batch. */
  key: string | null
  defaults: LineDefaults
  requestId: string
  traceparent?: string | undefined
}

/** One request that brings messages of a batch. It accepts them group by group, counts them, and notes how it ended. */
export class BatchUpload {
  readonly batchId: string
  readonly #parts: BatchUploadParts
  readonly #request: UploadRequest
  readonly #heartbeat: NodeJS.Timeout
  readonly #lineKeys: LineKeys | null
  readonly #isResumed: boolean
  readonly #counts = { accepted: 0, replayed: 0, refused: 0 }
  /** Messages accepted since the last look whether the batch was canceled. */
  #unchecked: string[] = []
  #isCanceled: boolean

  constructor(
    parts: BatchUploadParts,
    request: UploadRequest,
    batch: { batchId: string; isNew: boolean; isCanceled: boolean },
  ) {
    this.#parts = parts
    this.#request = request
    this.batchId = batch.batchId
    this.#isResumed = !batch.isNew
    this.#isCanceled = batch.isCanceled
    this.#lineKeys = request.key === null ? null : new LineKeys(request.key)
    this.#heartbeat = setInterval(() => void this.#note('receiving'), SEEN_EVERY_MS).unref()
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
   * Takes the messages of a body as they come. The next bytes are read when those before are accepted, so that memory does
   * not grow with the body and a sender who is faster is slowed down by TCP itself.
   * @returns the answers of each group of lines, in order; ended early it leaves the upload as interrupted
   */
  async *receive(
    body: AsyncIterable<Buffer>,
    splitter: BodySplitter,
  ): AsyncGenerator<LineAnswer[], void, undefined> {
    let isComplete = false
    try {
      for await (const bytes of body) {
        for (const lines of inGroups(splitter.push(bytes))) yield await this.#take(lines)
      }
      for (const lines of inGroups(splitter.end())) yield await this.#take(lines)
      isComplete = true
    } finally {
      await this.#end(isComplete ? 'complete' : 'interrupted')
    }
  }

  /** Judges each line by itself and accepts what can be accepted, in order. */
  async #take(lines: readonly BatchLine[]): Promise<LineAnswer[]> {
    this.#lineKeys?.beginGroup()
    const read = await Promise.all(lines.map((line) => this.#read(line)))
    const judged = await this.#refuseChanged(
      read.map((one, i) => this.#judge((lines[i] as BatchLine).line, one)),
    )
    const taken = await this.#parts.acceptor.acceptInOrder(
      this.#request.sessionId,
      judged.flatMap(({ message }) => (message instanceof Problem ? [] : message)),
      this.#isCanceled ? new Problem('batch_canceled') : null,
    )
    const outcomes = judged.map(({ message }) =>
      message instanceof Problem ? message : (taken.shift() as Taken | Problem),
    )
    for (const [i, { key }] of judged.entries())
      if (key !== null && !(outcomes[i] instanceof Problem)) this.#lineKeys?.taken(key)
    const replays = await this.#readReplays(outcomes)
    await this.#cancelIfClosed(outcomes)
    return outcomes.map((outcome, i) => this.#count((lines[i] as BatchLine).line, outcome, replays))
  }

  async #end(upload: 'complete' | 'interrupted'): Promise<void> {
    clearInterval(this.#heartbeat)
    await this.#cancelIfClosed([])
    await this.#note(upload)
  }

  async #read({ text }: BatchLine): Promise<ReadLine | Problem> {
    const read = text instanceof Problem ? text : readLine(text, this.#request.defaults)
    if (read instanceof Problem) return read
    try {
      return { ...read, body: await this.#parts.media.settle(this.#request.sessionId, read.body) }
    } catch (error) {
      return toProblem(error)
    }
  }

  #judge(line: number, read: ReadLine | Problem): Judged {
    const { sessionId, requestId, traceparent } = this.#request
    if (read instanceof Problem) return { line, message: read, key: null }
    const { body, idempotencyKey } = read
    const key = idempotencyKey === null ? (this.#lineKeys?.next(body) ?? null) : null
    const idempotency = idempotencyKey === null ? (key?.claim ?? null) : claimMessage(idempotencyKey, body)
    const message = {
      sessionId,
      body,
      idempotency,
      requestId,
      traceparent,
      batch: { id: this.batchId, line },
    }
    return { line, message, key }
  }

  /**
   * Refuses what stands now on a line on which an earlier upload had something else: it may be that message with a word
   * changed, and would be sent beside it.
   */
  async #refuseChanged(judged: Judged[]): Promise<Judged[]> {
    const { redis } = this.#parts
    const { sessionId } = this.#request
    const keyHashes = judged.flatMap(({ key }) => key?.claim.keyHash ?? [])
    if (!this.#isResumed || keyHashes.length === 0) return judged
    const [first, last] = [judged[0]?.line ?? 0, judged.at(-1)?.line ?? 0]
    try {
      const lines = { sessionId, batchId: this.batchId, first, last, keyHashes }
      const { accepted, known } = await readLines(redis, lines)
      return await Promise.all(
        judged.map(async (one): Promise<Judged> => {
          const { line, key } = one
          const ids = accepted.get(line)
          if (key === null || ids === undefined || known.has(key.claim.keyHash)) return one
          const records = await Promise.all(ids.map((id) => readMessage(redis, sessionId, id)))
          const isSame = records.some((record) => record !== null && isSaid(key, record))
          return isSame ? one : { line, message: changed(), key: null }
        }),
      )
    } catch (error) {
      return judged.map((one) => (one.key === null ? one : { ...one, message: toProblem(error), key: null }))
    }
  }

  /** The present states of messages that were accepted before. */
  async #readReplays(outcomes: readonly (Taken | Problem)[]): Promise<Replays> {
    const { redis } = this.#parts
    const ids = outcomes.flatMap((one) => (one instanceof Problem || one.isNew ? [] : one.messageId))
    const found = await Promise.all(
      ids.map(async (id) => {
        const state = await readMessageState(redis, this.#request.sessionId, id).catch(() => null)
        return [id, state] as const
      }),
    )
    return new Map(found)
  }

  /**
   * Looks after every acceptance whether the batch was canceled. Who cancels it cancels the messages that were accepted
   * before; those that were accepted since are canceled here.
   */
  async #cancelIfClosed(outcomes: readonly (Taken | Problem)[]): Promise<void> {
    const { redis, retentionMs } = this.#parts
    const { sessionId } = this.#request
    for (const one of outcomes)
      if (!(one instanceof Problem) && one.isNew) this.#unchecked.push(one.record.id)
    if (this.#unchecked.length === 0) return
    try {
      this.#isCanceled = await isBatchClosed(redis, sessionId, this.batchId)
      while (this.#isCanceled && this.#unchecked.length > 0) {
        await cancelMessages(redis, sessionId, this.#unchecked.slice(0, MOVED_AT_ONCE), retentionMs)
        this.#unchecked = this.#unchecked.slice(MOVED_AT_ONCE)
      }
      this.#unchecked = []
    } catch {
      // Redis is away: the next group looks again.
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

  /** Reports that the upload goes on, or how it ended. If Redis is away, readers take the silence for an interruption. */
  async #note(upload: UploadNote['upload']): Promise<void> {
    const { redis, keptMs } = this.#parts
    const { sessionId } = this.#request
    const { refused } = this.#counts
    await noteUpload(redis, { sessionId, batchId: this.batchId, keptMs, upload, refused }).catch(() => {})
  }
}

interface ReadLine {
  body: StoredRequest
  idempotencyKey: string | null
}

/** A line's message or why there is none, with the key that it has from the batch's. */
interface Judged {
  line: number
  message: NewMessage | Problem
  key: LineKey | null
}

function changed(): Problem {
  return new Problem('idempotency_key_reused', {
    sentence:
      'Another message was accepted on this line under the same Idempotency-Key. To send this one as well, send it under another key.',
  })
}

/** States by id; null where there is no record, or Redis is away. */
type Replays = ReadonlyMap<string, string | null>

function* inGroups(lines: readonly BatchLine[]): Generator<readonly BatchLine[]> {
  for (let from = 0; from < lines.length; from += LINES_AT_ONCE) yield lines.slice(from, from + LINES_AT_ONCE)
}
