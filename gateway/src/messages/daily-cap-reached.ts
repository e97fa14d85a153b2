import { nextDay } from '@wsg/shared/messages/pacing.ts'
import { Problem } from '../http/problem.ts'

/** The refusal of a message that could not go out today; `Retry-After` says when the next day (UTC) begins. */
export function dailyCapReached(sessionId: string, nowMs: number): Problem {
  const resumesAt = nextDay(nowMs)
  return new Problem('daily_cap_reached', {
    retryAfterSeconds: Math.ceil((resumesAt - nowMs) / 1_000),
    members: { sessionId, resumesAt: new Date(resumesAt).toISOString() },
  })
}
