import { createHash } from 'node:crypto'

/** The part of a Redis client that scripts need; ioredis' `Redis` is one. */
export interface ScriptClient {
  evalsha(sha: string, numberOfKeys: number, ...args: string[]): Promise<unknown>
  eval(lua: string, numberOfKeys: number, ...args: string[]): Promise<unknown>
}

export interface Script {
  lua: string
  sha: string
}

export function defineScript(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') }
}

/**
 * Runs a script by its digest, and by its text where Redis does not know it yet (after a restart, or a failover).
 * @throws what Redis answers, `OOM command not allowed` where it is full included
 */
export async function runScript(
  redis: ScriptClient,
  script: Script,
  scriptKeys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  const values = [...scriptKeys, ...args.map(String)]
  try {
    return await redis.evalsha(script.sha, scriptKeys.length, ...values)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('NOSCRIPT')) throw error
    return await redis.eval(script.lua, scriptKeys.length, ...values)
  }
}

/** Turns the flat array in which Lua returns a hash into an object. */
export function pairsToObject(flat: readonly string[]): Record<string, string> {
  const object: Record<string, string> = {}
  for (let i = 0; i + 1 < flat.length; i += 2) object[flat[i] as string] = flat[i + 1] as string
  return object
}
