import type { Logger } from '@wsg/shared/logger.ts'
import { knownWorkers } from '@wsg/shared/redis/worker/workers.ts'
import type { Connections } from './connections.ts'
import { linkHost } from './host/host-link.ts'
import type { PoolLink } from './pool/pool-link.ts'
import { PlacementQueue } from './queues/placement-queue.ts'
import { releaseDeadWorker } from './registration/release-dead-worker.ts'
import type { ProfileFolder } from './session/profile-folder.ts'

/** The other workers of this host, for a worker that no pool forked. */
export function joinHost(parts: {
  workerId: string
  profiles: Pick<ProfileFolder, 'root' | 'lockOf'>
  connections: Connections
  logger: Logger
}): Promise<PoolLink> {
  const { connections, logger } = parts
  const placements = new PlacementQueue({ connection: connections.queues, logger })
  return linkHost({
    ...parts,
    bury: async (owner) => {
      if (await releaseDeadWorker(connections.commands, owner)) await placements.offer(owner.sessionId)
    },
    knownAmong: (workerIds) => knownWorkers(connections.commands, workerIds),
  })
}
