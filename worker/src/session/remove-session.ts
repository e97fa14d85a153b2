import type { LeaseToken } from '@wsg/shared/redis/lease.ts'
import type { Redis } from 'ioredis'
import { removeSessionQueues } from '../queues/remove-session-queues.ts'
import { deleteSessionKeys } from './delete-session-keys.ts'
import type { ProfileFolder } from './profile-folder.ts'

export interface RemoveSessionParts {
  sessionId: string
  token: LeaseToken
  profiles: ProfileFolder
  commands: Redis
  queues: Redis
}

/**
 * Removes all that there is of a session whose browser is gone: the profile, then the queues, then the keys and with
 * them the lease. In this order, because the mark `deleting` is among the keys: whoever dies in between leaves a
 * session that the next owner goes on removing.
 * @param beforeRelease called immediately before the lease goes
 */
export async function removeSession(parts: RemoveSessionParts, beforeRelease: () => void): Promise<void> {
  const { sessionId, token, profiles, commands, queues } = parts
  await profiles.remove(sessionId)
  await removeSessionQueues(queues, sessionId)
  beforeRelease()
  await deleteSessionKeys(commands, sessionId, token)
}
