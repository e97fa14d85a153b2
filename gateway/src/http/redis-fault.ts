import { Problem } from './problem.ts'

/**
 * What ioredis rejects with while Redis is away (`built/Redis.js`, `built/Command.js`, `MaxRetriesPerRequestError`),
 * and what Redis itself answers while it cannot serve: loading its file, a replica, unable to write to disk.
 */
const AWAY =
  /isn't writeable|Command timed out|Connection is closed|max retries per request|^(LOADING|READONLY|MASTERDOWN|MISCONF|NOREPLICAS|NOAUTH|WRONGPASS)/i
const AWAY_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'])

/** True where the error says that Redis could not be asked, or gave no answer: what was asked may still have happened. */
export function isRedisAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return AWAY.test(error.message) || AWAY_CODES.has((error as NodeJS.ErrnoException).code ?? '')
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
