import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'

/** Removes the places of events that were logged before `goneSince` (epoch ms). */
export async function trimEventPlaces(redis: RedisClient, goneSince: number): Promise<void> {
  await commandsOf(redis).xtrim(keys.eventPlaces, 'MINID', String(goneSince))
}

/** Removes a session's events that were logged before `goneSince` (epoch ms), and the oldest of more than `maxEvents`. */
export async function trimEvents(
  redis: RedisClient,
  sessionId: string,
  { goneSince, maxEvents }: { goneSince: number; maxEvents: number },
): Promise<void> {
  const commands = commandsOf(redis)
  await Promise.all([
    commands.xtrim(keys.events(sessionId), 'MINID', String(goneSince)),
    commands.xtrim(keys.events(sessionId), 'MAXLEN', maxEvents),
    commands.zremrangebyscore(keys.eventIds(sessionId), '-inf', goneSince),
  ])
}
