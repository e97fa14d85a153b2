import { type Role, roles } from '@wsg/shared/roles.ts'
import { Problem } from '../http/problem.ts'
import type { SessionScope } from './session-scope.ts'

/** What a token allows. */
export interface TokenGrant {
  /** Who calls, for logs and the audit trail. */
  name: string
  role: Role
  /** The sessions that it may touch, null for all. */
  sessions: SessionScope | null
  /** How many requests it may make in a minute, and under what they are counted; null for no limit. */
  limit: { perMinute: number; countedAs: string } | null
}

export function mayAct(grant: Pick<TokenGrant, 'role'>, needed: Role): boolean {
  return roles.indexOf(grant.role) >= roles.indexOf(needed)
}

export function mayTouch(grant: Pick<TokenGrant, 'sessions'>, sessionId: string): boolean {
  return grant.sessions === null || grant.sessions.has(sessionId)
}

/** @throws Problem forbidden, where the token is for some sessions only */
export function assertForAll(grant: Pick<TokenGrant, 'sessions'> | null): void {
  if (grant?.sessions) throw new Problem('forbidden', { detail: 'The token is for some sessions only.' })
}
