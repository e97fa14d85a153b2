import { isRestorable, type SessionSnapshot, viewSession } from '@wsg/shared/sessions/session-view.ts'
import { Problem } from '../http/problem.ts'
import { notReady } from '../sessions/not-ready.ts'

/**
 * As `assertCanReach`, of a session whose page has what sending needs.
 * @throws Problem not_available_in_this_page too
 */
export function assertCanSend(sessionId: string, snapshot: SessionSnapshot): 'accept' | 'restore' {
  const verdict = assertCanReach(sessionId, snapshot)
  const { status, live } = viewSession(snapshot)
  const { sendingLacks } = snapshot.fields
  if (live && status === 'ready' && sendingLacks !== undefined)
    throw new Problem('not_available_in_this_page', {
      detail: `WhatsApp Web, as it is today, lacks ${sendingLacks}.`,
      members: { sessionId },
    })
  return verdict
}

/**
 * Decides whether a session can be asked something now. One with a saved login does even while it starts: the messages wait.
 * @returns `restore` where a worker has to load it first
 * @throws Problem session_not_found, session_not_ready
 */
export function assertCanReach(sessionId: string, snapshot: SessionSnapshot): 'accept' | 'restore' {
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
