import { releaseDeadOwner } from '@wsg/shared/redis/session/lease.ts'
import { forgetWorkers } from '@wsg/shared/redis/worker/workers.ts'
import type { Redis } from 'ioredis'

/**
 * Takes a worker that is dead for certain off the record, and frees the session that it owned.
 * @returns true where it held that session: it is free to be placed
 * @throws what ioredis throws while Redis is away
 */
export async function releaseDeadWorker(
  redis: Redis,
  { workerId, sessionId }: { workerId: string; sessionId: string },
): Promise<boolean> {
  const isFree = await releaseDeadOwner(redis, sessionId, workerId)
  await forgetWorkers(redis, [workerId])
  return isFree
}
