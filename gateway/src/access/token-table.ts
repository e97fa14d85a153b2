import { createHash, timingSafeEqual } from 'node:crypto'
import type { GatewayConfig } from '../config.ts'
import type { TokenGrant } from './token-grant.ts'

/** The tokens that open this gateway, by their SHA-256: the tokens themselves are not kept. */
export class TokenTable {
  readonly #entries: readonly { digest: Buffer; grant: TokenGrant }[]

  constructor({ API_TOKEN, API_TOKENS = [] }: Pick<GatewayConfig, 'API_TOKEN' | 'API_TOKENS'>) {
    const full = API_TOKEN === undefined ? [] : [{ digest: digestOf(API_TOKEN), grant: fullGrant }]
    const further = API_TOKENS.map(({ name, sha256, role, sessions }) => ({
      digest: Buffer.from(sha256, 'hex'),
      grant: { name, role, sessions: sessions === undefined ? null : new Set(sessions) },
    }))
    this.#entries = [...full, ...further]
  }

  /** Compares with every entry in constant time, without stopping at the first that fits. */
  find(token: string): TokenGrant | null {
    const digest = digestOf(token)
    let found: TokenGrant | null = null
    for (const entry of this.#entries) {
      if (timingSafeEqual(entry.digest, digest) && found === null) found = entry.grant
    }
    return found
  }
}

const fullGrant: TokenGrant = { name: 'API_TOKEN', role: 'admin', sessions: null }

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
