import { randomUUID } from 'node:crypto'
import {
  type ControlEnvelope,
  type ControlJobName,
  type ControlPayload,
  type ControlReply,
  type ControlResult,
  controlJobs,
  controlReplySchema,
} from '@wsg/shared/operations/control-jobs.ts'
import { keys, queues } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'
import { Problem } from '../http/problem.ts'
import type { ReplyWaiters } from '../reply-waiters.ts'
import type { Queues } from './queues.ts'

export interface ControlRequest<N extends ControlJobName> {
  sessionId: string
  name: N
  payload: ControlPayload<N>
  requestId: string
  /** How long to wait; the worker drops the job once it is over. The catalogue's own limit where absent. */
  timeoutMs?: number
  /** Looked at besides the reply, every 2 s: true ends the wait, since the answer is known without the worker's word. */
  satisfied?: () => Promise<boolean>
}

/** Asks the worker of a session for something, over the session's control queue. */
export class ControlQueue {
  readonly #redis: Redis
  readonly #queues: Queues
  readonly #waiters: ReplyWaiters
  readonly #gatewayId: string

  constructor(parts: { redis: Redis; queues: Queues; waiters: ReplyWaiters; gatewayId: string }) {
    this.#redis = parts.redis
    this.#queues = parts.queues
    this.#waiters = parts.waiters
    this.#gatewayId = parts.gatewayId
  }

  /**
   * @returns what the worker answered; null where it did not within the time, or `satisfied` said so before
   * @throws Problem with the code that the worker gave
   */
  async ask<N extends ControlJobName>(request: ControlRequest<N>): Promise<ControlResult<N> | null> {
    const { satisfied = async () => false, timeoutMs = controlJobs[request.name].timeoutMs } = request
    const correlationId = await this.#tell(request)
    let looks = 0
    const look = async (): Promise<ControlReply | 'satisfied' | null> => {
      const reply = await this.#redis.get(keys.reply(correlationId))
      if (reply !== null) return controlReplySchema.parse(JSON.parse(reply))
      looks += 1
      return looks > 1 && (await satisfied()) ? 'satisfied' : null
    }
    const reply = await this.#waiters.wait(correlationId, look, timeoutMs)
    if (reply === null || reply === 'satisfied') return null
    if (!reply.ok) {
      const { code, detail } = reply
      const members = { sessionId: request.sessionId }
      throw new Problem(code, { members, ...(detail !== undefined && { detail }) })
    }
    return controlJobs[request.name].result.parse(reply.result) as ControlResult<N>
  }

  /** Puts the job on its queue. @returns its correlation id */
  async #tell<N extends ControlJobName>(request: ControlRequest<N>): Promise<string> {
    const { sessionId, name, payload, requestId, timeoutMs = controlJobs[name].timeoutMs } = request
    const correlationId = randomUUID()
    const envelope: ControlEnvelope = {
      name,
      payload,
      correlationId,
      gatewayId: this.#gatewayId,
      requestId,
      deadline: Date.now() + timeoutMs,
    }
    await this.#queues.get(queues.control(sessionId)).add(name, envelope, { jobId: correlationId })
    return correlationId
  }
}
