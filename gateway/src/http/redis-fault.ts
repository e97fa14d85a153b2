import { NotReplicated } from '@wsg/shared/redis/connection/confirmations.ts'
import { Problem } from './problem.ts'

/**
 * What ioredis rejects with while Redis is away (`built/Redis.js`, `built/Command.js`, `built/redis/event_handler.js`,
 * `MaxRetriesPerRequestError`, the sentinel connector).
 */
const NO_ANSWER =
  /isn't writeable|Command timed out|Connection is closed|connection close|max retries per request|Socket timeout|sentinels are unreachable|^UNBLOCKED/i
const NO_ANSWER_CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
])

/**
 * What Redis itself answers while it cannot serve: loading its file, a replica or one that lost its primary, fewer
 * replicas than `min-replicas-to-write`, unable to write to disk, busy with somebody's script. Before version 7 the word
 * stands in the middle of what a script says.
 */
const REFUSAL = /(^|[\s-])(LOADING|READONLY|MASTERDOWN|NOREPLICAS|MISCONF|BUSY|NOAUTH|WRONGPASS)\b/

/** True where the error says that Redis could not be asked, gave no answer, or cannot serve at the moment. */
export function isRedisAway(error: unknown): boolean {
  return isRefusal(error) || isUnanswered(error)
}

/** Redis said so itself: nothing of what was asked was done. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && REFUSAL.test(error.message)
}

/** What was asked may have happened, and may still happen. */
export function isUnanswered(error: unknown): boolean {
  if (!(error instanceof Error) || isRefusal(error)) return false
  const { code = '' } = error as NodeJS.ErrnoException
  return error instanceof NotReplicated || NO_ANSWER.test(error.message) || NO_ANSWER_CODES.has(code)
}

/** True where ioredis (`built/Redis.js`, `sendCommand`) gave the command up before anything of it left. */
export function wasNeverSent(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Stream isn't writeable")
}

/** Redis' fault as the caller's answer, null where the error is something else. */
export function problemOfRedisFault(error: unknown): Problem | null {
  if (isRedisAway(error)) return new Problem('redis_unavailable')
  if (error instanceof Error && error.message.includes('OOM command not allowed'))
    return new Problem('redis_full')
  return null
}
