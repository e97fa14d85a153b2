import type { SessionCounts } from '@wsg/shared/redis/session/known-sessions.ts'
import { type SessionSnapshot, viewSession } from '@wsg/shared/sessions/session-view.ts'

/** Counts the sessions that a token may touch, one by one: the sets would tell of those of others. */
export async function countVisible(
  visible: ReadonlySet<string>,
  snapshot: (sessionId: string) => Promise<SessionSnapshot>,
): Promise<SessionCounts> {
  const counts: SessionCounts = { total: 0, ready: 0, waiting_qr: 0, initializing: 0, failed: 0 }
  for (const { status } of (await Promise.all([...visible].map(snapshot))).map(viewSession)) {
    if (status === 'not_found') continue
    counts.total += 1
    if (status !== 'stopped') counts[status] += 1
  }
  return counts
}
