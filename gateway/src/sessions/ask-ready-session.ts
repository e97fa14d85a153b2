import type { OperationName, OperationOutput } from '@wsg/shared/operations/operations.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { type SessionSnapshot, viewSession } from '@wsg/shared/sessions/session-view.ts'
import type { TokenGrant } from '../access/grant.ts'
import type { GatewayParts } from '../gateway-parts.ts'
import { assertCanReach } from '../messages/assert-can-send.ts'
import { notReady } from './not-ready.ts'
import type { OperationRequest } from './session-operations.ts'

/**
 * Asks the worker that owns a session for an operation, and first has the session loaded where the caller may do that.
 * @returns null where it did not answer in time
 * @throws Problem session_not_found, session_not_ready where it is not ready and does not become so by itself, and what the
 *   worker refused it with
 */
export async function askReadySession<N extends OperationName>(
  { desired, redis, operations }: Pick<GatewayParts, 'desired' | 'redis' | 'operations'>,
  grant: TokenGrant | null,
  request: Omit<OperationRequest<N>, 'satisfied'>,
): Promise<OperationOutput<N> | null> {
  const { sessionId } = request
  assertReady(sessionId, await desired.touch(sessionId, grant))
  const satisfied = async () => {
    assertReady(sessionId, await readSnapshot(redis, sessionId))
    return false
  }
  return await operations.ask({ ...request, satisfied })
}

function assertReady(sessionId: string, snapshot: SessionSnapshot): void {
  if (assertCanReach(sessionId, snapshot) === 'accept') return
  const { status, reason } = viewSession(snapshot)
  throw notReady(sessionId, status, reason)
}
