import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import {
  countSessions,
  type HealthCounts,
  type SessionCounts,
} from '@wsg/shared/redis/session/known-sessions.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { viewSession } from '@wsg/shared/sessions/session-view.ts'
import type { SessionScope } from '../access/session-scope.ts'
import { visibleIds } from './list-sessions.ts'

/**
 * Counts sessions and workers.
 * @param visible the sessions that the caller may see, null for all; these are counted one by one, since the sets would
 *   tell of others
 */
export async function countVisible(redis: RedisClient, visible: SessionScope | null): Promise<HealthCounts> {
  const counts = await countSessions(redis)
  if (visible === null) return counts
  const sessions: SessionCounts = { total: 0, ready: 0, waiting_qr: 0, initializing: 0, failed: 0 }
  const ids = await visibleIds(redis, visible)
  for (const snapshot of await Promise.all(ids.map((id) => readSnapshot(redis, id)))) {
    const { status } = viewSession(snapshot)
    if (status === 'not_found') continue
    sessions.total += 1
    if (status !== 'stopped') sessions[status] += 1
  }
  return { ...counts, sessions }
}
