import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import {
  type ControlEnvelope,
  type ControlJobName,
  type ControlPayload,
  type ControlReply,
  controlEnvelopeSchema,
  controlJobs,
} from '@wsg/shared/operations/control-jobs.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'
import type { SessionAccess } from '../session/session-access.ts'
import { PageUnresponsive } from '../whatsapp/client-errors.ts'
import { ControlFailure } from './control-failure.ts'
import { controlHandlers } from './control-handlers.ts'

/** How long a result waits for a caller that was looking elsewhere. */
const REPLY_KEPT_MS = 60_000
const REPLIES_GRACE_MS = 1_000

export interface JobRunnerOptions {
  redis: Redis
  session: SessionAccess
  logger: Logger
}

/** Does what gateways ask of a session. Jobs run side by side, and each answers for itself. */
export class JobRunner {
  readonly #options: JobRunnerOptions
  readonly #open = new Set<Promise<void>>()

  constructor(options: JobRunnerOptions) {
    this.#options = options
  }

  /** Begins one job. What is malformed, or too late for its caller, is dropped. */
  accept(data: unknown): void {
    const envelope = controlEnvelopeSchema.safeParse(data)
    const { logger } = this.#options
    if (!envelope.success) {
      logger.warn('a control job that cannot be read was dropped')
      return
    }
    const { name, deadline, requestId } = envelope.data
    if (deadline <= Date.now()) {
      logger.info({ job: name, requestId }, 'a control job came too late')
      return
    }
    const work = this.#answer(envelope.data).finally(() => this.#open.delete(work))
    this.#open.add(work)
  }

  /** Resolves when every job that was begun has been answered, or after a moment. */
  async finished(): Promise<void> {
    await Promise.race([Promise.allSettled(this.#open), pause(REPLIES_GRACE_MS, undefined, { ref: false })])
  }

  async #answer(envelope: ControlEnvelope): Promise<void> {
    const { redis, logger } = this.#options
    const { correlationId, gatewayId, name, requestId } = envelope
    const reply = await this.#run(envelope)
    if (!reply.ok) logger.info({ job: name, requestId, code: reply.code }, 'a control job failed')
    try {
      await redis
        .multi()
        .set(keys.reply(correlationId), JSON.stringify(reply), 'PX', REPLY_KEPT_MS)
        .publish(keys.wake(gatewayId), correlationId)
        .exec()
    } catch (err) {
      logger.warn({ err, job: name, requestId }, 'the reply of a control job could not be written')
    }
  }

  async #run({ name, payload, deadline, requestId }: ControlEnvelope): Promise<ControlReply> {
    const parsed = controlJobs[name].payload.safeParse(payload)
    if (!parsed.success) return { ok: false, code: 'invalid_request' }
    try {
      return { ok: true, result: await call(name, this.#options.session, parsed.data, deadline) }
    } catch (error) {
      if (error instanceof ControlFailure) return { ok: false, code: error.code, detail: error.message }
      if (error instanceof PageUnresponsive) return { ok: false, code: 'worker_timeout' }
      this.#options.logger.warn({ err: error, job: name, requestId }, 'a control job threw')
      return { ok: false, code: 'worker_failed' }
    }
  }
}

/** The payload was parsed with the schema of that very name, which TypeScript cannot follow through the map. */
function call<N extends ControlJobName>(
  name: N,
  session: SessionAccess,
  payload: unknown,
  deadline: number,
): Promise<unknown> {
  return controlHandlers[name](session, payload as ControlPayload<N>, deadline)
}
