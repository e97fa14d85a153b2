import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import { type SessionSnapshot, viewSession } from '@wsg/shared/sessions/session-view.ts'
import { Problem } from '../http/problem.ts'
import { problemOfRedisFault } from '../http/redis-fault.ts'
import type { SessionOperations } from './session-operations.ts'

/** A published state older than this is not believed without asking. */
const BELIEVED_MS = 15_000
const LIVE_WITHIN_MS = 5_000
/** Nobody asked for the page's own word: the answer does not wait long for it. */
const CONFIRMED_WITHIN_MS = 2_000

/** What the page said; `stale` where the state is old and the page did not confirm it; null where none was asked. */
export type Probe = OperationOutput<'status.probe'> | 'stale' | null

/**
 * Asks the page of a session how it is, where the caller wants it or its published state is old. A session without an
 * owner has no page to ask.
 * @throws Problem worker_timeout, or what the worker said, where the caller wanted it and the page does not answer
 */
export async function probeSession(probe: {
  operations: SessionOperations
  sessionId: string
  snapshot: SessionSnapshot
  asked: boolean
  requestId: string
  traceparent: string | undefined
}): Promise<Probe> {
  const { operations, sessionId, snapshot, asked, requestId, traceparent } = probe
  const { live, status } = viewSession(snapshot)
  const ageMs = snapshot.nowMs - Number(snapshot.fields.updatedAt ?? 0)
  if (!live || !(asked || ageMs > BELIEVED_MS)) return null
  const timeoutMs = asked ? LIVE_WITHIN_MS : CONFIRMED_WITHIN_MS
  const request = { sessionId, requestId, traceparent, timeoutMs }
  const answered = operations.ask({ ...request, name: 'status.probe', input: {} })
  if (!asked) return (await answered.catch(noAnswer)) ?? 'stale'
  const answer = await answered
  if (answer === null) throw new Problem('worker_timeout', { members: { sessionId, sessionStatus: status } })
  return answer
}

/** A full Redis, which takes no job, leaves the state unconfirmed like a page that is silent. */
function noAnswer(error: unknown): null {
  if (error instanceof Problem || problemOfRedisFault(error) !== null) return null
  throw error
}
