import { isRestorable, type SessionSnapshot, viewSession } from '@wsg/shared/sessions/session-view.ts'
import { Problem } from '../http/problem.ts'
import { notReady } from '../sessions/not-ready.ts'

/**
 * Decides whether a session takes messages now. One with a saved login does even while it starts: the messages wait.
 * @returns `restore` where a worker has to load it first
 * @throws Problem session_not_found, session_not_ready
 */
export function assertCanSend(sessionId: string, snapshot: SessionSnapshot): 'accept' | 'restore' {
  const { fields, notBefore } = snapshot
  const view = viewSession(snapshot)
  if (view.status === 'not_found') throw new Problem('session_not_found', { members: { sessionId } })
  if (isRestorable(snapshot)) return 'restore'
  const wanted = notBefore !== null && fields.deleting !== '1'
  const comingBack = view.status === 'initializing' && fields.savedLogin === '1'
  if (wanted && (view.status === 'ready' || comingBack)) return 'accept'
  // Its worker has not yet stopped it and still reports `ready`.
  if (view.status === 'ready') throw notReady(sessionId, 'stopped', 'operator')
  throw notReady(sessionId, view.status, view.reason)
}
