import { randomUUID } from 'node:crypto'
import type { Reply } from '@wsg/shared/operations/job.ts'
import {
  type OperationInput,
  type OperationName,
  type OperationOutput,
  operations,
} from '@wsg/shared/operations/operations.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { addJob, takeReply } from '@wsg/shared/redis/session/jobs.ts'
import { Problem } from '../http/problem.ts'
import type { ReplyWaiters } from '../reply-waiters.ts'

export interface OperationRequest<N extends OperationName> {
  sessionId: string
  name: N
  input: OperationInput<N>
  requestId: string
  /** Of the span of the request, where that is traced. */
  traceparent?: string | undefined
  /** How long to wait, in ms; the operation's own limit where absent. */
  timeoutMs?: number
  /** Looked at besides the reply, every 2 s: true ends the wait, since the answer is known without the worker's word. */
  satisfied?: () => Promise<boolean>
}

interface SessionOperationsParts {
  redis: RedisClient
  waiters: ReplyWaiters
  gatewayId: string
}

/** Asks the workers that own sessions for operations. */
export class SessionOperations {
  readonly #parts: SessionOperationsParts

  constructor(parts: SessionOperationsParts) {
    this.#parts = parts
  }

  /**
   * @returns what the worker answered; null where it did not within the time, or `satisfied` said so before
   * @throws Problem with the code that the worker gave, and whatever `satisfied` throws
   */
  async ask<N extends OperationName>(request: OperationRequest<N>): Promise<OperationOutput<N> | null> {
    const { redis, waiters, gatewayId } = this.#parts
    const { sessionId, name, input, requestId, traceparent, satisfied = async () => false } = request
    const { timeoutMs = operations[name].timeoutMs } = request
    const job = { id: randomUUID(), name, input, gatewayId, requestId, traceparent }
    await addJob(redis, sessionId, job, timeoutMs)
    let looks = 0
    const look = async (): Promise<Reply | 'satisfied' | null> => {
      const reply = await takeReply(redis, job.id)
      looks += 1
      return reply ?? (looks > 1 && (await satisfied()) ? 'satisfied' : null)
    }
    const reply = await waiters.wait(job.id, look, timeoutMs)
    if (reply === null || reply === 'satisfied') return null
    if (reply.ok) return reply.output as OperationOutput<N>
    const { code, detail } = reply
    throw new Problem(code, { members: { sessionId }, ...(detail !== undefined && { detail }) })
  }
}
