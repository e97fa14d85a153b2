import { join } from 'node:path'
import type { Redis } from 'ioredis'
import type { LocalConfig } from './local-config.ts'
import type { Run } from './open-data.ts'
import { Pool } from './pool.ts'
import { OwnerReleaser } from './release-owners.ts'

const MAIN = join(import.meta.dirname, '../worker/src/main.ts')
/** Frees what dead workers of the previous run owned, and starts the pool. */
export async function startPool(
  { maxSessions, maxStarts, leaseTtlMs }: LocalConfig,
  run: Run,
  redis: Redis,
  environment: NodeJS.ProcessEnv,
): Promise<Pool> {
  const releaser = new OwnerReleaser(redis)
  for (const owner of run.deadOwners) await releaser.release(owner)
  return new Pool({ ...run, file: MAIN, environment, redis, releaser, maxSessions, maxStarts, leaseTtlMs })
}
