import { type Role, roles } from '@wsg/shared/roles.ts'
import { sessionIdSchema } from '@wsg/shared/sessions/session-id.ts'
import { z } from 'zod'

const grant = z.strictObject({
  name: z.string().min(1).max(64),
  sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, 'sha256 must be 64 hex digits'),
  role: z.enum(roles),
  sessions: z.array(sessionIdSchema).optional(),
})

/** `API_TOKENS`: JSON text that holds at least one grant. */
export const tokenGrantsSchema = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON' })
      return z.NEVER
    }
  })
  .pipe(z.array(grant).min(1, 'must hold at least one token'))

/** What a token allows: a role, and the sessions it may touch (null: all of them). */
export interface TokenGrant {
  name: string
  role: Role
  sessions: ReadonlySet<string> | null
}

export function mayAct(grant: Pick<TokenGrant, 'role'>, needed: Role): boolean {
  return roles.indexOf(grant.role) >= roles.indexOf(needed)
}

export function mayTouch(grant: TokenGrant, sessionId: string): boolean {
  return grant.sessions === null || grant.sessions.has(sessionId)
}
