import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'
import { defineScript, runScript } from '../script.ts'

const ADD = defineScript(
  { sha256: 'text', token: 'text', most: 'number' },
  `
if redis.call('HLEN', keys.tokens) >= most then return 'too_many' end
redis.call('HSET', keys.tokens, sha256, token)
redis.call('PUBLISH', keys.tokenNews, 'issued')
return 'done'
`,
)

/** @param token JSON text */
export async function addIssuedToken(
  redis: RedisClient,
  request: { sha256: string; token: string; most: number },
): Promise<'done' | 'too_many'> {
  return (await runScript(redis, ADD, request)) as 'done' | 'too_many'
}

/** All that were issued and not revoked, by their SHA-256, as JSON. */
export async function readIssuedTokens(redis: RedisClient): Promise<Record<string, string>> {
  return await commandsOf(redis).hgetall(keys.tokens)
}

export async function readIssuedToken(redis: RedisClient, sha256: string): Promise<string | null> {
  return await commandsOf(redis).hget(keys.tokens, sha256)
}

/** @returns false where it was revoked before */
export async function removeIssuedToken(redis: RedisClient, sha256: string): Promise<boolean> {
  const replies = await commandsOf(redis)
    .multi()
    .hdel(keys.tokens, sha256)
    .hdel(keys.tokensUsed, sha256)
    .publish(keys.tokenNews, 'revoked')
    .exec()
  return replies?.[0]?.[1] === 1
}

export async function noteTokenUsed(redis: RedisClient, sha256: string, atMs: number): Promise<void> {
  await commandsOf(redis).hset(keys.tokensUsed, sha256, String(atMs))
}

/** When each token was used last (epoch ms), by its SHA-256. */
export async function readTokensUsed(redis: RedisClient): Promise<Record<string, string>> {
  return await commandsOf(redis).hgetall(keys.tokensUsed)
}
