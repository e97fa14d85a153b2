import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { deleteSessionKeys, forgetSession } from '@wsg/shared/redis/session/known-sessions.ts'
import type { LeaseToken } from '@wsg/shared/redis/session/lease.ts'
import type { MessageLog } from '../outbox/message-log.ts'
import type { ProfileFolder } from './profile-folder.ts'

export interface RemoveSessionParts {
  sessionId: string
  token: LeaseToken
  profiles: ProfileFolder
  commands: RedisClient
  messages: MessageLog
}

/**
 * Removes all that there is of a session whose browser is gone: the outcome of every message is written for those who
 * wait for it, then go the profile, the keys, and last the session itself with its lease. In this order,
 * because it bears the mark `deleting`: whoever dies in between leaves a session that the next owner goes on removing.
 * @param beforeRelease called immediately before the lease goes
 */
export async function removeSession(parts: RemoveSessionParts, beforeRelease: () => void): Promise<void> {
  const { sessionId, token, profiles, commands, messages } = parts
  await messages.cancelQueued()
  await messages.giveUpSending()
  await profiles.remove(sessionId)
  await deleteSessionKeys(commands, sessionId)
  beforeRelease()
  await forgetSession(commands, sessionId, token)
}
