import { readdir } from 'node:fs/promises'
import { keys } from '@wsg/shared/redis/keys.ts'
import { defineScript, runScript } from '@wsg/shared/redis/script.ts'
import type { Redis } from 'ioredis'
import { ProfileFolder } from '../session/profile-folder.ts'

/** KEYS: session, sessions. ARGV: session. Nothing that is known already is touched. */
const REGISTER_PROFILE = defineScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('HSETNX', KEYS[1], 'createdAt', now) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'savedLogin', 1)
redis.call('ZADD', KEYS[2], 'NX', now, ARGV[1])
return 1
`)

/**
 * Makes every profile on the volume that Redis does not know a known session with a saved login, so that a volume
 * from an earlier service, or a lost Redis, costs no QR. A folder without a login shows a code when it is restored.
 * @returns how many were new
 */
export async function registerProfiles(redis: Redis, profiles: ProfileFolder): Promise<number> {
  let registered = 0
  for (const name of await foldersIn(profiles.root)) {
    const sessionId = ProfileFolder.sessionOf(name)
    if (sessionId === null) continue
    const answer = await runScript(
      redis,
      REGISTER_PROFILE,
      [keys.session(sessionId), keys.sessions],
      [sessionId],
    )
    registered += Number(answer)
  }
  return registered
}

async function foldersIn(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
