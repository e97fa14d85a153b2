import { hash, timingSafeEqual } from 'node:crypto'
import { type Role, roles } from '@wsg/shared/roles.ts'
import { sessionIdSchema } from '@wsg/shared/sessions/session-id.ts'
import { z } from 'zod'

const entry = z.strictObject({
  name: z.string().min(1).max(64),
  sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, 'sha256 must be 64 hex digits'),
  role: z.enum(roles),
  sessions: z.array(sessionIdSchema).optional(),
})

/** `API_TOKENS`: JSON text with at least one token. */
export const apiTokensSchema = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON' })
      return z.NEVER
    }
  })
  .pipe(z.array(entry).min(1, 'must hold at least one token'))

/** What a token allows: a role, and the sessions it may touch (null: all of them). */
export interface TokenGrant {
  name: string
  role: Role
  sessions: ReadonlySet<string> | null
}

const fullGrant: TokenGrant = { name: 'API_TOKEN', role: 'admin', sessions: null }

export function mayAct(grant: Pick<TokenGrant, 'role'>, needed: Role): boolean {
  return roles.indexOf(grant.role) >= roles.indexOf(needed)
}

export function mayTouch(grant: TokenGrant, sessionId: string): boolean {
  return grant.sessions === null || grant.sessions.has(sessionId)
}

/** The tokens that this gateway accepts. It keeps their SHA-256 digests, not the tokens. */
export class TokenTable {
  readonly #entries: readonly { digest: Buffer; grant: TokenGrant }[]

  constructor(config: {
    API_TOKEN?: string | undefined
    API_TOKENS?: z.infer<typeof apiTokensSchema> | undefined
  }) {
    const { API_TOKEN, API_TOKENS = [] } = config
    const full = API_TOKEN === undefined ? [] : [{ digest: digestOf(API_TOKEN), grant: fullGrant }]
    const further = API_TOKENS.map(({ name, sha256, role, sessions }) => ({
      digest: Buffer.from(sha256, 'hex'),
      grant: { name, role, sessions: sessions === undefined ? null : new Set(sessions) },
    }))
    this.#entries = [...full, ...further]
  }

  /** Compares with every entry in constant time, so that the time tells nothing. @returns null where none fits */
  find(token: string): TokenGrant | null {
    const digest = digestOf(token)
    let found: TokenGrant | null = null
    for (const { digest: known, grant } of this.#entries) {
      if (timingSafeEqual(known, digest) && found === null) found = grant
    }
    return found
  }
}

function digestOf(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}
