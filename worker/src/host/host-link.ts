import { cpus } from 'node:os'
import type { Logger } from '@wsg/shared/logger.ts'
import { knownWorkers, releaseDeadWorker } from '@wsg/shared/redis/worker/workers.ts'
import type { Connections } from '../connections.ts'
import type { PoolLink } from '../pool/pool-link.ts'
import type { WorkerMessage } from '../pool/pool-messages.ts'
import { PlacementQueue } from '../queues/placement-queue.ts'
import { DeathWatch, type Owner } from './death-watch.ts'
import { HostFolder, readBootId } from './host-folder.ts'
import { probeLocks } from './probe-locks.ts'
import { LEFT_AFTER_MS, type LeftoverOptions, removeLeftovers } from './remove-leftovers.ts'
import { StartSlots } from './start-slots.ts'
import { WorkerLock } from './worker-lock.ts'

export interface JoinHostOptions {
  workerId: string
  profiles: { root: string; lockOf(sessionId: string): string }
  connections: Connections
  logger: Logger
}

interface HostLinkOptions {
  lock: WorkerLock
  watch: DeathWatch
  slots: StartSlots
  leftovers: LeftoverOptions
}

/** Where nobody looks after a worker: nobody to tell, and it starts its browser when it likes. */
const alone: PoolLink = { tell() {}, mayStart: async (signal) => !signal.aborted }

/**
 * Joins the workers of this host that have no pool: they take the pool's place for each other. Where the volume or the
 * system gives no locks, a dead worker is noticed by its lease alone.
 */
export async function joinHost(options: JoinHostOptions): Promise<PoolLink> {
  const { workerId, profiles, connections, logger } = options
  const redis = connections.commands
  const placements = new PlacementQueue({ connection: connections.queues, logger })
  const release = async (owner: Owner) => {
    if (await releaseDeadWorker(redis, owner)) await placements.offer(owner.sessionId)
  }
  const knownAmong = (workerIds: string[]) => knownWorkers(redis, workerIds)
  try {
    const folder = new HostFolder(profiles.root, readBootId())
    await folder.create()
    const lock = await WorkerLock.take(folder.lockOf(workerId))
    await (await probeLocks(lock.path, [])).release()
    return new HostLink({
      lock,
      // As many as the host has cores, whatever share of them this container has.
      slots: new StartSlots({ folder: folder.starts, count: cpus().length, logger }),
      watch: new DeathWatch({
        folder,
        workerId,
        profileLockOf: (id) => profiles.lockOf(id),
        release,
        logger,
      }),
      leftovers: { folder, workerId, profiles: profiles.root, knownAmong },
    })
  } catch (err) {
    logger.warn(
      { err },
      'the profile volume gives no locks: a dead worker is noticed only when its lease runs out, and browser starts take no turns',
    )
    return alone
  }
}

/** What this worker says of itself shows in its lock; while it is idle it looks for others that died. */
class HostLink implements PoolLink {
  readonly #options: HostLinkOptions
  #tidying: NodeJS.Timeout | undefined

  constructor(options: HostLinkOptions) {
    this.#options = options
  }

  tell(message: WorkerMessage): void {
    const { lock, watch, slots } = this.#options
    switch (message.type) {
      case 'idle':
        lock.name(null)
        watch.start()
        this.#tidy()
        break
      case 'claims':
        lock.name(message.sessionId)
        break
      case 'owns':
        this.#rest()
        break
      case 'start-over':
        slots.giveBack()
        break
      case 'left':
        this.#rest()
        lock.remove()
        break
      case 'start-wanted':
      case 'browser':
        break
    }
  }

  mayStart(signal: AbortSignal): Promise<boolean> {
    return this.#options.slots.take(signal)
  }

  #rest(): void {
    this.#options.watch.stop()
    clearInterval(this.#tidying)
    this.#tidying = undefined
  }

  #tidy(): void {
    if (this.#tidying !== undefined) return
    // What fails here is tried again, and costs nothing but a file.
    const tidy = () => void removeLeftovers(this.#options.leftovers).catch(() => {})
    this.#tidying = setInterval(tidy, LEFT_AFTER_MS).unref()
    tidy()
  }
}
