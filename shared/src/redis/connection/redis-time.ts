import type { Redis } from 'ioredis'

/** @returns what Redis' clock says, epoch ms: the one clock that all gateways and workers share */
export async function redisTime(redis: Pick<Redis, 'time'>): Promise<number> {
  const [seconds, microseconds] = await redis.time()
  return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000)
}
