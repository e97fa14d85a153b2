import { setTimeout as pause } from 'node:timers/promises'
import { connectForCommands } from '@wsg/shared/redis/connection/connect.ts'
import { placeOf, redisAt } from '@wsg/shared/redis/connection/redis-address.ts'
import type { Redis } from 'ioredis'
import type { Run } from './data-folder.ts'
import { startEmbeddedRedis } from './embedded-redis.ts'
import type { LocalConfig } from './local-config.ts'
import { type RunningParts, StartFailure } from './running-parts.ts'
import { claimRedis } from './world-mark.ts'

const ANSWER_LIMIT_MS = 10_000

export interface OpenRedis {
  /** The variables by which gateway and workers reach it. */
  environment: NodeJS.ProcessEnv
  /** The supervisor's own connection. */
  commands: Redis
}

/**
 * The Redis of this start: the one that the configuration names, else one of our own.
 * @throws StartFailure where it does not answer, or holds the other world's data
 */
export async function openRedis(config: LocalConfig, run: Run, parts: RunningParts): Promise<OpenRedis> {
  const { address, environment } = await placeAndEnvironment(config, run, parts)
  const commands = connectForCommands(address, 'supervisor')
  await parts.add({ name: 'connection to Redis', stop: async () => commands.disconnect() })
  await untilItAnswers(commands, placeOf(address))
  await claimRedis(commands, config.world)
  return { environment, commands }
}

async function placeAndEnvironment({ redis, environment }: LocalConfig, run: Run, parts: RunningParts) {
  if (redis !== null) return { address: redis, environment }
  const { ready: url } = await parts.add(startEmbeddedRedis(run))
  // What else is said of a Redis is not said of this one.
  const others = Object.entries(environment).filter(([name]) => !name.startsWith('REDIS_'))
  return { address: redisAt(url), environment: { ...Object.fromEntries(others), REDIS_URL: url } }
}

async function untilItAnswers(redis: Redis, host: string): Promise<void> {
  const end = performance.now() + ANSWER_LIMIT_MS
  for (;;) {
    try {
      await redis.ping()
      return
    } catch (error) {
      if (performance.now() > end) {
        const reason = error instanceof Error ? error.message : String(error)
        throw new StartFailure(`Redis at ${host} does not answer: ${reason}`)
      }
      await pause(50)
    }
  }
}
