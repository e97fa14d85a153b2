import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { claimForWorld } from '@wsg/shared/redis/connection/server.ts'
import { ofOtherWorld } from './data-folder.ts'
import type { World } from './local-config.ts'

/**
 * Marks a Redis as this world's. One that holds sessions without a mark was filled by the real world's containers.
 * @throws StartFailure where it is the other world's
 */
export async function claimRedis(redis: RedisClient, world: World): Promise<void> {
  if ((await claimForWorld(redis, world)) !== world) throw ofOtherWorld('This Redis', world)
}
