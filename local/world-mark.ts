import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'
import { ofOtherWorld } from './data-folder.ts'
import type { World } from './local-config.ts'

/**
 * Marks a Redis as this world's. One that holds sessions without a mark was filled by the real world's containers.
 * @throws StartFailure where it is the other world's
 */
export async function claimRedis(redis: Redis, world: World): Promise<void> {
  const isFilled = (await redis.exists(keys.sessions)) === 1
  const mark = (await redis.get(keys.world)) ?? (isFilled ? 'real' : null)
  if (mark !== null && mark !== world) throw ofOtherWorld('This Redis', world)
  await redis.set(keys.world, world)
}
