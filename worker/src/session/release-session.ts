import type { Logger } from '@wsg/shared/logger.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { deleteSessionKeys, forgetSession } from '@wsg/shared/redis/session/known-sessions.ts'
import type { LeaseToken } from '@wsg/shared/redis/session/lease.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Fence } from '../lease/fence.ts'
import { whileOwner } from '../lease/while-owner.ts'
import type { MessageLog } from '../outbox/message-log.ts'
import type { WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import { planEnd, type SessionEnd } from './ending.ts'
import type { ProfileFolder } from './profile-folder.ts'
import type { SessionMachine } from './session-machine.ts'
import type { SessionPast } from './session-past.ts'

export interface ReleaseOptions {
  sessionId: string
  token: LeaseToken
  commands: RedisClient
  profiles: ProfileFolder
  fence: Fence
  machine: SessionMachine
  /** Null where no browser was started. */
  client: WhatsAppClient | null
  messages: MessageLog
  inbox: Pick<Inbox, 'close'>
  past: SessionPast
  /** The message whose file was being brought into the page as it ended. */
  uploading: string | null
  offerPlacement(sessionId: string): Promise<void>
  /** Called immediately before the lease goes, so that a renewal does not find it gone and raise the alarm. */
  stopRenewing(): void
  logger: Logger
}

/**
 * The last part of an ownership: closes the browser, removes what has to go, publishes how it ended and lets the
 * lease go in the same script. Nothing is being sent any more.
 * @throws FenceClosed where the lease is lost on the way
 */
export async function releaseSession(
  end: Exclude<SessionEnd, { kind: 'fenced' }>,
  options: ReleaseOptions,
): Promise<void> {
  if (end.kind === 'deleted') return await removeSession(options)
  const { commands, sessionId, profiles, fence, machine, client, inbox, past, uploading } = options
  const { stopRenewing, logger } = options
  const isUnlinked = end.kind === 'logout' && (await logOut(options))
  await client?.close()
  await inbox.close()
  const { fields, notBefore, nowMs } = await whileOwner(fence, logger, () =>
    readSnapshot(commands, sessionId),
  )
  const plan = planEnd(end, {
    savedLogin: past.savedLogin,
    isUnlinked,
    inARow: past.inARow,
    heavy: past.heavy,
    uploading,
    hasSent: past.hasSent,
    wasReady: machine.wasReady,
    stopped: fields.stopped,
    restriction: fields.restriction,
    restrictedSince: fields.restrictedSince,
    nowMs,
    wanted: notBefore !== null,
  })
  if (plan.removesProfile) await profiles.remove(sessionId)
  stopRenewing()
  await machine.end({ ...plan.publication, wishedAt: past.wishedAt })
  await offerIfDue(options)
}

/**
 * Only a page that is connected is asked: what one does that is not is never known.
 * @returns whether the account does not have this device any more, as far as WhatsApp says
 */
async function logOut({ machine, client, past, logger }: ReleaseOptions): Promise<boolean> {
  if (!past.savedLogin) return true
  try {
    if (client === null || !machine.wasReady || (await client.probe()) !== 'CONNECTED') return false
    await client.logout()
    return true
  } catch (err) {
    logger.warn({ err }, 'WhatsApp did not confirm that the device was logged out; its login is kept')
    return false
  }
}

/**
 * Logs the device out and removes all that there is of the session: first the outcome of every message is written for
 * those who wait for it, then go the profile and the keys, and last the session itself with its lease. It bears the mark
 * `deleting`: whoever dies in between leaves a session that the next owner goes on removing.
 */
async function removeSession(options: ReleaseOptions): Promise<void> {
  const { sessionId, token, profiles, commands, machine, client, messages, inbox } = options
  const { stopRenewing, logger } = options
  await messages.cancelQueued()
  if (machine.wasReady)
    await client?.logout().catch((err: unknown) => {
      logger.warn({ err }, 'the device could not be logged out; the phone lists it until it notices')
    })
  await client?.close()
  await inbox.close()
  // What was accepted meanwhile, and what nobody will find out any more.
  await messages.cancelQueued()
  await messages.giveUpSending()
  await profiles.remove(sessionId)
  await deleteSessionKeys(commands, sessionId)
  stopRenewing()
  await forgetSession(commands, sessionId, token)
}

/**
 * Whatever the plan was: somebody may have asked for the session, or for its removal, while it was being let go. The
 * reconciler does it a moment later where this fails.
 */
async function offerIfDue({ commands, sessionId, offerPlacement, logger }: ReleaseOptions): Promise<void> {
  try {
    const { notBefore, leaseToken, nowMs } = await readSnapshot(commands, sessionId)
    if (notBefore !== null && notBefore <= nowMs && leaseToken === null) await offerPlacement(sessionId)
  } catch (err) {
    logger.warn({ err }, 'the session could not be offered')
  }
}
