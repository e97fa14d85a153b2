import { timingSafeEqual } from 'node:crypto'
import { roles } from '@wsg/shared/roles.ts'
import { z } from 'zod'
import type { TokenGrant } from './grant.ts'
import { SessionScope, sessionPatternSchema } from './session-scope.ts'
import { digestOf } from './token-digest.ts'

const entry = z.strictObject({
  name: z.string().min(1).max(64),
  sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, 'sha256 must be 64 hex digits'),
  role: z.enum(roles),
  sessions: z.array(sessionPatternSchema).optional(),
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

const fullGrant: TokenGrant = { name: 'API_TOKEN', role: 'admin', sessions: null, limit: null }

/** The tokens of the configuration. Their SHA-256 digests are kept, not the tokens. */
export class EnvironmentTokens {
  readonly #entries: readonly { digest: Buffer; grant: TokenGrant }[]

  constructor(config: {
    API_TOKEN?: string | undefined
    API_TOKENS?: z.infer<typeof apiTokensSchema> | undefined
  }) {
    const { API_TOKEN, API_TOKENS = [] } = config
    const full = API_TOKEN === undefined ? [] : [{ digest: digestOf(API_TOKEN), grant: fullGrant }]
    const further = API_TOKENS.map(({ name, sha256, role, sessions }) => ({
      digest: Buffer.from(sha256, 'hex'),
      grant: {
        name,
        role,
        sessions: sessions === undefined ? null : new SessionScope(sessions),
        limit: null,
      },
    }))
    this.#entries = [...full, ...further]
  }

  /** Compares with every entry in constant time, so that the time tells nothing. @returns null where none fits */
  find(digest: Buffer): TokenGrant | null {
    let found: TokenGrant | null = null
    for (const { digest: known, grant } of this.#entries) {
      if (timingSafeEqual(known, digest) && found === null) found = grant
    }
    return found
  }
}
