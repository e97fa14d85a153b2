import { rm, stat, utimes, writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import type { HostFolder, HostWorker } from './host-folder.ts'
import { probeLocks, type Suspect } from './probe-locks.ts'

const LOOK_EVERY_MS = 500
/** One look serves the whole host, however many idle workers there are. */
const LOOK_HOLDS_MS = LOOK_EVERY_MS * 0.9
/** A browser follows its worker into death within a tenth of a second. */
const DYING_LOOK_MS = 100

/** A worker that named a session. */
export interface Owner extends HostWorker {
  sessionId: string
}

export interface DeathWatchOptions {
  folder: HostFolder
  /** Of this worker itself: it is not looked for. */
  workerId: string
  profileLockOf(sessionId: string): string
  /** Frees what a dead worker owned. Where it throws, the worker is found again. */
  release(owner: Owner): Promise<void>
  logger: Logger
}

type OwnerSuspect = Owner & Suspect

/**
 * Looks again and again for owners of this host that are dead. A free lock proves it: the system lets go of a lock when
 * its process ends and not before, a paused process keeps it, and a file that names a session was locked before.
 */
export class DeathWatch {
  readonly #options: DeathWatchOptions
  #watching: AbortController | null = null
  #warned = false

  constructor(options: DeathWatchOptions) {
    this.#options = options
  }

  /** Looks at once, and from then on. */
  start(): void {
    if (this.#watching !== null) return
    this.#watching = new AbortController()
    void this.#watch(this.#watching.signal)
  }

  stop(): void {
    this.#watching?.abort()
    this.#watching = null
  }

  async #watch(signal: AbortSignal): Promise<void> {
    let isDue = true
    while (!signal.aborted) {
      const dying = await this.#look(isDue)
      isDue = dying > 0
      await pause(isDue ? DYING_LOOK_MS : LOOK_EVERY_MS, undefined, { ref: false })
    }
  }

  /** @returns how many are on their way out */
  async #look(isDue: boolean): Promise<number> {
    try {
      if (!isDue && (await this.#wasLookedAt())) return 0
      await this.#markLook()
      const suspects = await this.#suspects()
      return suspects.length === 0 ? 0 : await this.#judge(suspects)
    } catch (err) {
      const { logger } = this.#options
      logger[this.#warned ? 'debug' : 'warn']({ err }, 'dead workers of this host could not be looked for')
      this.#warned = true
      return 0
    }
  }

  async #suspects(): Promise<OwnerSuspect[]> {
    const { folder, workerId: own, profileLockOf } = this.#options
    return (await folder.list()).flatMap(({ workerId, sessionId }) =>
      workerId === own || sessionId === null
        ? []
        : [
            {
              workerId,
              sessionId,
              workerLock: folder.lockOf(workerId),
              profileLock: profileLockOf(sessionId),
            },
          ],
    )
  }

  async #judge(suspects: OwnerSuspect[]): Promise<number> {
    const { folder, workerId } = this.#options
    const findings = await probeLocks(folder.lockOf(workerId), suspects)
    try {
      for (const suspect of findings.dead) await this.#release(suspect)
    } finally {
      await findings.release()
    }
    return findings.dying.length
  }

  async #release({ workerId, sessionId, workerLock }: OwnerSuspect): Promise<void> {
    const { folder, release, logger } = this.#options
    // It may have named another session between our reading and its death: then the next look judges.
    if ((await folder.sessionOf(workerId)) !== sessionId) return
    logger.info({ worker: workerId, sessionId }, 'a worker of this host is dead')
    await release({ workerId, sessionId })
    await rm(workerLock, { force: true })
  }

  async #wasLookedAt(): Promise<boolean> {
    const { mtimeMs } = await stat(this.#options.folder.looked).catch(() => ({ mtimeMs: 0 }))
    const agoMs = Date.now() - mtimeMs
    return agoMs >= 0 && agoMs < LOOK_HOLDS_MS
  }

  async #markLook(): Promise<void> {
    const now = new Date()
    const { looked } = this.#options.folder
    await utimes(looked, now, now).catch(() => writeFile(looked, ''))
  }
}
