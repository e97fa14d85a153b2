import type { SessionSnapshot } from '@wsg/shared/sessions/session-view.ts'
import type { TokenGrant } from '../access/token-grant.ts'
import { Problem } from '../http/problem.ts'
import type { DesiredState } from './desired-state.ts'

/**
 * The session that a request names, after loading it where a saved login was only waiting for that.
 * @throws Problem session_not_found
 */
export async function knownSession(
  desired: DesiredState,
  sessionId: string,
  caller: TokenGrant | null,
): Promise<SessionSnapshot> {
  const snapshot = await desired.touch(sessionId, caller)
  if (snapshot.fields.createdAt === undefined)
    throw new Problem('session_not_found', { members: { sessionId } })
  return snapshot
}
