import type { SessionSnapshot } from '@wsg/shared/session-view.ts'
import { Problem } from '../http/problem.ts'
import type { SessionWishes } from './session-wishes.ts'

/**
 * The session that a request names, after loading it where a saved login was only waiting for that.
 * @throws Problem session_not_found
 */
export async function knownSession(wishes: SessionWishes, sessionId: string): Promise<SessionSnapshot> {
  const snapshot = await wishes.touch(sessionId)
  if (snapshot.fields.createdAt === undefined)
    throw new Problem('session_not_found', { members: { sessionId } })
  return snapshot
}
