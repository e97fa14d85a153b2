import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'
import type { World } from './local-config.ts'
import { StartFailure } from './start-failure.ts'

/**
 * Sandbox and real never share data. Folder and Redis carry the mark of the world that used them first, and the
 * other world does not start on them.
 * @throws StartFailure
 */
export function claimFolder(dataDir: string, world: World): void {
  const file = join(dataDir, 'world')
  let mark: string | null = null
  try {
    mark = readFileSync(file, 'utf8').trim()
  } catch {
    writeFileSync(file, `${world}\n`)
  }
  if (mark !== null && mark !== world) throw refused(`The folder ${dataDir}`, world)
}

/** The same for Redis. One that holds sessions without a mark was filled by the real world's containers. */
export async function claimRedis(redis: Redis, world: World): Promise<void> {
  const isFilled = (await redis.exists(keys.sessions)) === 1
  const mark = (await redis.get(keys.world)) ?? (isFilled ? 'real' : null)
  if (mark !== null && mark !== world) throw refused('This Redis', world)
  await redis.set(keys.world, world)
}

function refused(what: string, world: World): StartFailure {
  return new StartFailure(
    world === 'sandbox'
      ? `${what} belongs to the real WhatsApp. The sandbox needs its own: unset DATA_DIR and REDIS_URL, or give it others.`
      : `${what} belongs to the sandbox. Set DATA_DIR and REDIS_URL to others, or unset them.`,
  )
}
