import { readdir } from 'node:fs/promises'
import { registerSavedLogin } from '@wsg/shared/redis/session/known-sessions.ts'
import type { Redis } from 'ioredis'
import { ProfileFolder } from '../session/profile-folder.ts'

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
    if (await registerSavedLogin(redis, sessionId)) registered += 1
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
