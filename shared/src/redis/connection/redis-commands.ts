import type { Redis } from 'ioredis'
import type { RedisClient } from './redis-client.ts'

/** The commands of a connection: for this folder, and for the queues, whose library wants the whole of it. */
export function commandsOf(redis: RedisClient): Redis {
  return redis as Redis
}
