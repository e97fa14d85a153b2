import type { ControlResult } from '@wsg/shared/control-jobs.ts'
import { type SessionSnapshot, viewSession } from '@wsg/shared/session-view.ts'
import { Problem } from '../http/problem.ts'
import type { ControlQueue } from '../jobs/control-queue.ts'

/** A published state older than this is not believed without asking. */
const BELIEVED_MS = 15_000
const PROBE_WITHIN_MS = 5_000

/**
 * Asks the page of a session how it is, where the caller wants it or its published state is old. A session
 * without an owner has no page: null.
 * @throws Problem worker_timeout where the page that the caller asked for does not answer
 */
export async function probeSession(probe: {
  control: ControlQueue
  sessionId: string
  snapshot: SessionSnapshot
  asked: boolean
  requestId: string
}): Promise<ControlResult<'status.probe'> | null> {
  const { control, sessionId, snapshot, asked, requestId } = probe
  const { live, status } = viewSession(snapshot)
  const ageMs = snapshot.nowMs - Number(snapshot.fields.updatedAt ?? 0)
  if (!live || !(asked || ageMs > BELIEVED_MS)) return null
  const answer = await control.ask({
    sessionId,
    name: 'status.probe',
    payload: {},
    requestId,
    timeoutMs: PROBE_WITHIN_MS,
  })
  if (answer === null) throw new Problem('worker_timeout', { members: { sessionId, sessionStatus: status } })
  return answer
}
