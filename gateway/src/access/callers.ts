import { setTimeout as pause } from 'node:timers/promises'
import { countOnce } from '@wsg/shared/redis/access/counter.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { Problem } from '../http/problem.ts'
import type { EnvironmentTokens } from './environment-tokens.ts'
import type { TokenGrant } from './grant.ts'
import type { IssuedTokens } from './issued-tokens.ts'
import { digestOf } from './token-digest.ts'

const MINUTE_MS = 60_000
/** Wrong tokens of one address in a minute, until its next ones are answered late. */
const WRONG_PER_MINUTE = 60
const LATE_MS = 1_000

/** Tells who calls by the token, and how often they may. */
export class Callers {
  readonly #redis: RedisClient
  readonly #environment: EnvironmentTokens
  readonly #issued: IssuedTokens

  constructor(parts: { redis: RedisClient; environment: EnvironmentTokens; issued: IssuedTokens }) {
    this.#redis = parts.redis
    this.#environment = parts.environment
    this.#issued = parts.issued
  }

  /**
   * Who has this token; null where nobody has. Whoever guesses is slowed down; a right token always passes, since many callers
   * may share one address.
   * @throws Problem too_many_wrong_tokens
   */
  async identify(token: string, address: string): Promise<TokenGrant | null> {
    const digest = digestOf(token)
    const ofEnvironment = this.#environment.find(digest)
    if (ofEnvironment !== null) return ofEnvironment
    // While Redis is away nobody can be told from a wrong token whom only Redis knows.
    const issued = await this.#issued.find(digest).catch(() => null)
    if (issued !== null) return issued
    const wrong = await this.#count(`wrong-tokens:${address}`)
    if (wrong === null || wrong.count <= WRONG_PER_MINUTE) return null
    await pause(LATE_MS)
    throw new Problem('too_many_wrong_tokens', { retryAfterSeconds: wrong.endsInSeconds })
  }

  /**
   * Counts a request of a token with a limit, for all gateways together. While Redis is away it is let through, and fails
   * where it needs Redis.
   * @returns what the caller is told of it; null where there is no limit
   * @throws Problem rate_limited
   */
  async countRequest({ name, limit }: TokenGrant): Promise<Record<string, number> | null> {
    if (limit === null) return null
    const { perMinute, countedAs } = limit
    const used = await this.#count(`requests:${countedAs}`)
    if (used === null) return null
    const { count, endsInSeconds } = used
    if (count > perMinute) {
      const detail = `The token ${name} may make ${perMinute} requests in a minute.`
      throw new Problem('rate_limited', { retryAfterSeconds: endsInSeconds, detail })
    }
    return {
      'ratelimit-limit': perMinute,
      'ratelimit-remaining': perMinute - count,
      'ratelimit-reset': endsInSeconds,
    }
  }

  async #count(what: string): Promise<{ count: number; endsInSeconds: number } | null> {
    try {
      const { count, endsInMs } = await countOnce(this.#redis, what, MINUTE_MS)
      return { count, endsInSeconds: Math.max(1, Math.ceil(endsInMs / 1_000)) }
    } catch {
      return null
    }
  }
}
