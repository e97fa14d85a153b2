import type { Logger } from '@wsg/shared/logger.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import type { Fence } from '../lease/fence.ts'
import { whileOwner } from '../lease/while-owner.ts'
import type { MessageLog } from '../outbox/message-log.ts'
import { type EndFacts, planEnd, type SessionEnd } from './ending.ts'
import { removeSession } from './remove-session.ts'
import type { SessionAccess } from './session-access.ts'
import type { SessionOptions } from './session-options.ts'

export interface ReleaseParts {
  options: SessionOptions
  session: SessionAccess
  messages: MessageLog
  fence: Fence
  /** Whether the profile holds a login, as far as the page showed, and what went wrong in a row before. */
  facts: Pick<EndFacts, 'savedLogin' | 'inARow' | 'hasSent'>
  /** Called immediately before the lease goes, so that a renewal does not find it gone and raise the alarm. */
  stopRenewing(): void
}

/**
 * The last part of an ownership: closes the browser, removes what has to go, publishes how it ended and lets the
 * lease go with the same stroke. Nothing is being sent any more.
 * @throws FenceClosed where the lease is lost on the way
 */
export async function releaseSession(
  end: Exclude<SessionEnd, { kind: 'fenced' }>,
  parts: ReleaseParts,
): Promise<void> {
  const { options, session, messages, fence, facts, stopRenewing } = parts
  const { commands, sessionId, profiles, logger } = options
  const { machine, client } = session
  if (end.kind === 'deleted') {
    // First, so that whoever waits for one of them still finds its record.
    await messages.cancelQueued()
    if (machine.wasReady) await logOut(session, logger)
    await client?.close()
    await removeSession({ ...options, messages }, stopRenewing)
    return
  }
  await client?.close()
  const { fields, notBefore } = await whileOwner(fence, logger, () => readSnapshot(commands, sessionId))
  const plan = planEnd(end, {
    savedLogin: facts.savedLogin,
    inARow: facts.inARow,
    hasSent: facts.hasSent,
    wasReady: machine.wasReady,
    stopped: fields.stopped,
    wanted: notBefore !== null,
  })
  if (plan.removesProfile) await profiles.remove(sessionId)
  stopRenewing()
  await machine.end(plan.publication)
  await offerIfDue(options)
}

/**
 * Whatever the plan was: somebody may have asked for the session, or for its removal, while it was being let go. The
 * reconciler does it a moment later where this fails.
 */
async function offerIfDue({ commands, sessionId, offerPlacement, logger }: SessionOptions): Promise<void> {
  try {
    const { notBefore, leaseToken, nowMs } = await readSnapshot(commands, sessionId)
    if (notBefore !== null && notBefore <= nowMs && leaseToken === null) await offerPlacement(sessionId)
  } catch (err) {
    logger.warn({ err }, 'the session could not be offered')
  }
}

async function logOut({ client }: SessionAccess, logger: Logger): Promise<void> {
  try {
    await client?.logout()
  } catch (err) {
    logger.warn({ err }, 'the device could not be logged out; the phone lists it until it notices')
  }
}
