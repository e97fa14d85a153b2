import type { Logger } from '@wsg/shared/logger.ts'
import {
  addIssuedToken,
  noteTokenUsed,
  readIssuedToken,
  readIssuedTokens,
  readTokensUsed,
  removeIssuedToken,
} from '@wsg/shared/redis/access/issued-tokens.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { subscribe } from '@wsg/shared/redis/connection/subscribe.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { type Role, roles } from '@wsg/shared/roles.ts'
import { z } from 'zod'
import { Problem } from '../http/problem.ts'
import type { TokenGrant } from './grant.ts'
import { SessionScope, sessionPatternSchema } from './session-scope.ts'
import { digestOf, newToken } from './token-digest.ts'

const MOST = 1_000
const ID_LENGTH = 12
const USE_NOTED_EVERY_MS = 60_000

/** What a token that is issued has to say. */
export const tokenBodySchema = z.object({
  name: z
    .string()
    .regex(/^[\x20-\x7e]{1,64}$/, 'must be 1 to 64 characters of ASCII')
    .describe('Who uses it: it stands in the log and in the audit trail.'),
  role: z
    .enum(roles)
    .describe('`viewer` reads, `sender` sends, `operator` runs sessions, `admin` sets up and deletes.'),
  sessions: z
    .array(sessionPatternSchema)
    .min(1)
    .max(100)
    .optional()
    .describe('The sessions that it may touch, by id or pattern (`sales-*`); all where absent.'),
  expiresAt: z.iso.datetime({ offset: true }).optional().describe('From then on it is refused.'),
  perMinute: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('How many requests it may make in a minute; any number where absent.'),
})
export type TokenBody = z.infer<typeof tokenBodySchema>

export interface IssuedToken extends TokenBody {
  id: string
  /** Epoch ms. */
  createdAt: number
  createdBy: string
  /** Epoch ms, to the minute; null where it was never used. */
  lastUsedAt: number | null
}

type Stored = Omit<IssuedToken, 'id' | 'lastUsedAt'>

interface Known {
  grant: TokenGrant
  expiresAt: number
  notedAt: number
}

/**
 * The tokens that were issued over the API. Every gateway has them in memory and hears at once of new and revoked ones; one
 * that it does not know is looked for in Redis.
 */
export class IssuedTokens {
  readonly #redis: RedisClient
  readonly #log: Logger
  /** By SHA-256, in hex. */
  #known = new Map<string, Known>()

  /** @param subscriber a connection for subscribing only */
  constructor(parts: { redis: RedisClient; subscriber: RedisClient; log: Logger }) {
    this.#redis = parts.redis
    this.#log = parts.log
    const load = () => void this.#load()
    subscribe(parts.subscriber, keys.tokenNews, { onMessage: load, onSubscribed: load })
  }

  /** @throws what Redis answers */
  async find(digest: Buffer): Promise<TokenGrant | null> {
    const sha256 = digest.toString('hex')
    const known = this.#known.get(sha256) ?? (await this.#lookUp(sha256))
    const now = Date.now()
    if (known === null || known.expiresAt <= now) return null
    if (now - known.notedAt >= USE_NOTED_EVERY_MS) {
      known.notedAt = now
      noteTokenUsed(this.#redis, sha256, now).catch(() => {})
    }
    return known.grant
  }

  /** @returns the token, which is shown this once @throws Problem too_many_tokens */
  async issue(body: TokenBody, createdBy: string): Promise<IssuedToken & { token: string }> {
    const token = newToken()
    const sha256 = digestOf(token).toString('hex')
    const stored: Stored = { ...body, createdAt: Date.now(), createdBy }
    const added = await addIssuedToken(this.#redis, { sha256, token: JSON.stringify(stored), most: MOST })
    if (added === 'too_many') throw new Problem('too_many_tokens')
    return { ...toIssued(sha256, stored, undefined), token }
  }

  /** The oldest first. */
  async list(): Promise<IssuedToken[]> {
    const [tokens, used] = await Promise.all([readIssuedTokens(this.#redis), readTokensUsed(this.#redis)])
    return Object.entries(tokens)
      .map(([sha256, text]) => toIssued(sha256, JSON.parse(text) as Stored, used[sha256]))
      .sort((one, other) => one.createdAt - other.createdAt)
  }

  /** @throws Problem token_not_found */
  async revoke(id: string): Promise<void> {
    const sha256s = Object.keys(await readIssuedTokens(this.#redis))
    const sha256 = sha256s.find((one) => idOf(one) === id)
    if (sha256 === undefined || !(await removeIssuedToken(this.#redis, sha256)))
      throw new Problem('token_not_found')
  }

  async #load(): Promise<void> {
    try {
      const tokens = Object.entries(await readIssuedTokens(this.#redis))
      this.#known = new Map(tokens.map(([sha256, text]) => [sha256, this.#toKnown(sha256, text)]))
    } catch (err) {
      // The connection is gone: when it is back it is subscribed again, and that loads them.
      this.#log.debug({ err }, 'the issued tokens could not be read')
    }
  }

  async #lookUp(sha256: string): Promise<Known | null> {
    const text = await readIssuedToken(this.#redis, sha256)
    return text === null ? null : this.#toKnown(sha256, text)
  }

  #toKnown(sha256: string, text: string): Known {
    const { name, role, sessions, expiresAt, perMinute } = JSON.parse(text) as Stored
    return {
      grant: {
        ...{ name, role: role as Role },
        // Two tokens may have one name.
        limit: perMinute === undefined ? null : { perMinute, countedAs: idOf(sha256) },
        sessions: sessions === undefined ? null : new SessionScope(sessions),
      },
      expiresAt: expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt),
      notedAt: this.#known.get(sha256)?.notedAt ?? Number.NEGATIVE_INFINITY,
    }
  }
}

function idOf(sha256: string): string {
  return sha256.slice(0, ID_LENGTH)
}

function toIssued(sha256: string, stored: Stored, lastUsedAt: string | undefined): IssuedToken {
  return { id: idOf(sha256), ...stored, lastUsedAt: lastUsedAt === undefined ? null : Number(lastUsedAt) }
}
