import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import type { Job, Reply } from '@wsg/shared/operations/job.ts'
import {
  changesSomething,
  type OperationInput,
  type OperationName,
  operations,
} from '@wsg/shared/operations/operations.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { replyToJob, takeJobs } from '@wsg/shared/redis/session/jobs.ts'
import { sentenceFor } from '@wsg/shared/sessions/session-lifecycle.ts'
import type { Span, Tracer } from '@wsg/shared/tracing/tracer.ts'
import pTimeout from 'p-timeout'
import type { SessionNotifications } from '../session-notifications.ts'
import {
  ClientClosed,
  ClientFailed,
  OperationRefused,
  PageGone,
  PageUnresponsive,
} from '../whatsapp/client-errors.ts'
import type { SessionAccess } from './handler.ts'
import { handlers } from './handlers.ts'
import type { UnconfirmedChanges } from './unconfirmed-changes.ts'

const RETRY_AFTER_MS = 1_000
const REPLIES_GRACE_MS = 1_000
/** It takes a moment to make sure of what was not confirmed, and until a reply reaches a caller who still waits. */
const REPLIES_BEFORE_MS = 1_000
const NOTHING_DONE = 'Nothing was done.'

export interface JobRunnerOptions {
  redis: RedisClient
  sessionId: string
  token: string
  notifications: SessionNotifications
  session: SessionAccess
  changes: UnconfirmedChanges
  /** Null where nothing is traced. */
  tracer: Tracer | null
  logger: Logger
}

/** Takes the jobs of one session as its owner. They run side by side, and each is answered for itself. */
export class JobRunner {
  readonly #options: JobRunnerOptions
  readonly #running = new Set<Promise<void>>()
  #isStopped = false

  constructor(options: JobRunnerOptions) {
    this.#options = options
  }

  start(): void {
    const { notifications } = this.#options
    notifications.on('job', this.#take)
    // What came before is there as well.
    notifications.on('subscribed', this.#take)
    void this.#take()
  }

  /** Takes no more: what comes now is for the next owner. */
  stop(): void {
    this.#isStopped = true
    this.#options.session.reads.stop()
  }

  /** Resolves when every job that was begun has been answered, or after a second. */
  async finished(): Promise<void> {
    await Promise.race([
      Promise.allSettled(this.#running),
      pause(REPLIES_GRACE_MS, undefined, { ref: false }),
    ])
  }

  readonly #take = async (): Promise<void> => {
    if (this.#isStopped) return
    const { redis, sessionId, token, logger } = this.#options
    try {
      for (const { job, leftMs } of await takeJobs(redis, sessionId, token)) {
        if (job === null) {
          logger.warn('a job that cannot be read was dropped')
          continue
        }
        const running = this.#answer(job, Date.now() + leftMs - REPLIES_BEFORE_MS).finally(() =>
          this.#running.delete(running),
        )
        this.#running.add(running)
      }
    } catch (err) {
      logger.debug({ err }, 'the jobs of this session could not be taken; trying again')
      setTimeout(this.#take, RETRY_AFTER_MS).unref()
    }
  }

  async #answer(job: Job, deadline: number): Promise<void> {
    const { redis, logger } = this.#options
    const span = this.#startSpan(job)
    const reply = await this.#run(job, deadline)
    span?.end(reply.ok ? {} : { failure: reply.code })
    const { name, requestId } = job
    if (!reply.ok) logger.info({ job: name, requestId, code: reply.code }, 'a job failed')
    try {
      await replyToJob(redis, job, reply, deadline + REPLIES_BEFORE_MS - Date.now())
    } catch (err) {
      logger.warn({ err, job: name, requestId }, 'the reply to a job could not be written')
    }
  }

  /** On the trace of the request. @returns null where that is not traced */
  #startSpan({ name, requestId, traceparent }: Job): Span | null {
    const { tracer, sessionId } = this.#options
    if (tracer === null || traceparent === undefined) return null
    const attributes = {
      'wsg.session_id': sessionId,
      ...(requestId !== undefined && { 'wsg.request_id': requestId }),
    }
    return tracer.start(name, { kind: 'consumer', parent: traceparent, attributes })
  }

  async #run(job: Job, deadline: number): Promise<Reply> {
    const { session, changes } = this.#options
    const late = () => {
      throw new PageUnresponsive('the operation did not end before its deadline')
    }
    try {
      if (Date.now() >= deadline) throw new OperationRefused('worker_timeout')
      if (operations[job.name].live) await untilReady(session, deadline)
      const milliseconds = Math.max(1, deadline - Date.now())
      const handled = handle(job.name, session, job.input, deadline)
      return { ok: true, output: await pTimeout(handled, { milliseconds, fallback: late }) }
    } catch (error) {
      const refusal = this.#refusalOf(job, error)
      // A page that has answered, or is gone, holds nothing.
      if (refusal.code === 'not_confirmed' && error instanceof PageUnresponsive) await changes.add()
      return refusal
    }
  }

  #refusalOf({ name, requestId }: Job, error: unknown): Extract<Reply, { ok: false }> {
    if (error instanceof OperationRefused) {
      const { code, message } = error
      // What was begun and ran out of time is `not_confirmed`.
      const isNotBegun = code === 'worker_timeout' && changesSomething(name)
      return { ok: false, code, detail: isNotBegun ? `${message} ${NOTHING_DONE}` : message }
    }
    if (error instanceof PageUnresponsive || error instanceof PageGone)
      return { ok: false, code: changesSomething(name) ? 'not_confirmed' : 'worker_timeout' }
    this.#options.logger.warn({ err: error, job: name, requestId }, 'a job threw')
    if (error instanceof ClientClosed || error instanceof ClientFailed)
      return {
        ok: false,
        code: 'worker_failed',
        detail: `The browser ended before this was begun. ${NOTHING_DONE}`,
      }
    return { ok: false, code: changesSomething(name) ? 'not_confirmed' : 'worker_failed' }
  }
}

/** @throws OperationRefused where it does not become ready in time, or needs somebody to scan a code */
async function untilReady({ machine }: SessionAccess, deadline: number): Promise<void> {
  const isDecided = () => machine.status === 'ready' || machine.status === 'waiting_qr'
  await machine.until(isDecided, deadline - Date.now())
  if (machine.status === 'ready') return
  const code = machine.over || machine.status === 'waiting_qr' ? 'session_not_ready' : 'worker_timeout'
  throw new OperationRefused(code, sentenceFor(machine.reason))
}

/** The gateway made the input with the schema of that very name, which TypeScript cannot follow through the table. */
function handle<N extends OperationName>(
  name: N,
  session: SessionAccess,
  input: unknown,
  deadline: number,
): Promise<unknown> {
  return handlers[name](session, input as OperationInput<N>, deadline)
}
