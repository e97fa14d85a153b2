import { keys } from '../keys.ts'
import type { RedisClient } from './redis-client.ts'
import { commandsOf } from './redis-commands.ts'

/** @returns what Redis' clock says, epoch ms: the one clock that all gateways and workers share */
export async function redisTime(redis: RedisClient): Promise<number> {
  const [seconds, microseconds] = await commandsOf(redis).time()
  return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000)
}

/** @throws where Redis does not answer */
export async function ping(redis: RedisClient): Promise<void> {
  await commandsOf(redis).ping()
}

/** What Redis says of itself: a section of `INFO`, such as `memory`. */
export async function readServerInfo(
  redis: RedisClient,
  section: 'server' | 'memory' | 'persistence',
): Promise<string> {
  return await commandsOf(redis).info(section)
}

/**
 * Asks how far Redis is with loading its file, which it tells before its connection is `ready`.
 * @returns how much it has loaded, in percent; null where it does not load
 */
export async function readLoading(redis: RedisClient): Promise<number | null> {
  const info = await readServerInfo(redis, 'persistence')
  const percent = /^loading_loaded_perc:([\d.]+)/m.exec(info)?.[1]
  return percent === undefined ? null : Math.floor(Number(percent))
}

/**
 * Marks a Redis with the world, `real` or `sandbox`, whose data it holds, unless it bears the mark of another one. One that
 * holds sessions without a mark was filled by containers, which are of the real world.
 * @returns the world that it belongs to
 */
export async function claimForWorld(redis: RedisClient, world: string): Promise<string> {
  const commands = commandsOf(redis)
  const isFilled = (await commands.exists(keys.sessions)) === 1
  const mark = (await commands.get(keys.world)) ?? (isFilled ? 'real' : world)
  if (mark === world) await commands.set(keys.world, world)
  return mark
}
