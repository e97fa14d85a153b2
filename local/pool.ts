import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { countOwnerless } from '@wsg/shared/redis/session/desired-state.ts'
import { readLease } from '@wsg/shared/redis/session/lease.ts'
import { releaseDeadWorker } from '@wsg/shared/redis/worker/workers.ts'
import type { WorkerMessage } from '@wsg/worker/src/pool/pool-messages.ts'
import pLimit, { type LimitFunction } from 'p-limit'
import type { Run } from './data-folder.ts'
import { backOffMs } from './kept-child.ts'
import type { LocalConfig } from './local-config.ts'
import { PoolWorker } from './pool-worker.ts'
import type { Part } from './running-parts.ts'

const MAIN = join(import.meta.dirname, '../worker/src/main.ts')
const LOOK_EVERY_MS = 1_000
/** Enough for a slow disk. */
const FIRST_IDLE_LIMIT_MS = 15_000
/** A worker that lives fences itself before so little of its lease is left; one that has not cannot any more. */
const LAPSED_SHARE = 0.2
/** A worker that gives its session up lets the lease go first and says so next. */
const LAPSED_GRACE_MS = 2_000

export interface PoolOptions
  extends Pick<Run, 'ledger' | 'log' | 'note' | 'deadOwners'>,
    Pick<LocalConfig, 'maxSessions' | 'maxStarts' | 'leaseTtlMs'> {
  /** The worker's main file, where it is not the real one. */
  file?: string
  environment: NodeJS.ProcessEnv
  redis: RedisClient
  /** How long a free worker more than needed is kept. */
  surplusMs?: number
  /** How long the workers have to end cleanly. */
  stopLimitMs?: number
}

/**
 * The workers of one machine: as many free ones as sessions wait for one, one in reserve, and never more than
 * `maxSessions` in all. The pool does not place sessions (the workers take placements themselves); it sees to it
 * that there is someone to take them, and that nothing of a dead worker is left.
 */
export class Pool implements Part {
  readonly name = 'workers'
  readonly #options: Required<PoolOptions>
  /** Dead workers, and what each owned or was about to own, whose leases need not run out. */
  readonly #dead: Map<string, string | null>
  readonly #workers = new Set<PoolWorker>()
  readonly #clearing = new Set<Promise<void>>()
  /** Past one browser start for each core they only take turns, and the watchdogs of all of them run meanwhile. */
  readonly #starts: LimitFunction
  readonly #firstIdle = Promise.withResolvers<void>()
  readonly #timer: NodeJS.Timeout
  #failures = 0
  #mayForkAt = 0
  #surplusSince: number | null = null
  #isLooking = false
  #isStopping = false

  constructor(options: PoolOptions) {
    this.#options = { file: MAIN, surplusMs: 60_000, stopLimitMs: 20_000, ...options }
    this.#dead = new Map(options.deadOwners.map(({ workerId, sessionId }) => [workerId, sessionId]))
    this.#starts = pLimit(options.maxStarts)
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS)
    void this.#look()
  }

  /**
   * Resolves when a first worker is ready, or after the limit. It has looked through the volume by then, so that
   * saved logins are known before anyone asks for them.
   */
  async firstIdle(limitMs = FIRST_IDLE_LIMIT_MS): Promise<void> {
    await Promise.race([this.#firstIdle.promise, pause(limitMs, undefined, { ref: false })])
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    clearInterval(this.#timer)
    this.#firstIdle.resolve()
    for (const worker of this.#workers) worker.stop()
    const limit = setTimeout(() => {
      for (const worker of this.#workers) worker.kill()
    }, this.#options.stopLimitMs)
    while (this.#workers.size + this.#clearing.size > 0) await pause(10)
    clearTimeout(limit)
  }

  /** Once a second: who is dead, who let a lease lapse, and whether the number of workers fits what waits. */
  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      await this.#releaseDead()
      await this.#killLapsed()
      this.#fit(await countOwnerless(this.#options.redis, this.#options.maxSessions * 2))
    } catch {
      // Redis is away. The workers that are there stay; the next look follows in a second.
    } finally {
      this.#isLooking = false
    }
  }

  async #releaseDead(): Promise<void> {
    const { redis } = this.#options
    for (const [workerId, sessionId] of this.#dead) {
      await releaseDeadWorker(redis, { workerId, sessionId })
      this.#dead.delete(workerId)
    }
  }

  /** A paused worker cannot end itself when its lease runs out, and its browser holds the profile against the next owner. */
  async #killLapsed(): Promise<void> {
    const { redis, leaseTtlMs, note } = this.#options
    for (const worker of this.#workers) {
      const { session } = worker
      if (session === null || session.token === null) continue
      const lease = await readLease(redis, session.id)
      if (worker.session !== session) continue
      const now = performance.now()
      worker.lapsedSince = lease.token === session.token ? null : (worker.lapsedSince ?? now)
      const hasLapsed =
        worker.lapsedSince === null
          ? lease.leftMs < leaseTtlMs * LAPSED_SHARE
          : now - worker.lapsedSince >= LAPSED_GRACE_MS
      if (!hasLapsed) continue
      note(`Worker ${worker.pid} let its lease run out without ending, and is killed.`)
      worker.kill()
    }
  }

  #fit(unplaced: number): void {
    if (this.#isStopping) return
    const { maxSessions, maxStarts } = this.#options
    const free = this.#in('starting').length + this.#in('idle').length
    const change = poolChange({ busy: this.#workers.size - free, free, unplaced, maxSessions })
    if (change >= 0) this.#surplusSince = null
    if (change < 0) this.#letGo()
    // The reserve is made when no browser starts: it is for the next request, not at the expense of this one.
    const isReserve = unplaced <= free && this.#workers.size > 0
    const isQuiet = this.#starts.activeCount + this.#starts.pendingCount === 0
    if (change <= 0 || (isReserve && !isQuiet)) return
    const slots = maxStarts - this.#in('starting').length
    for (let i = 0; i < Math.min(change, slots); i++) this.#fork()
  }

  #letGo(): void {
    const now = performance.now()
    this.#surplusSince ??= now
    if (now - this.#surplusSince < this.#options.surplusMs) return
    this.#surplusSince = null
    this.#in('idle').at(-1)?.stop()
  }

  #fork(): void {
    if (performance.now() < this.#mayForkAt) return
    const { file, environment, log, ledger } = this.#options
    const worker = new PoolWorker({
      file,
      environment,
      log,
      ledger,
      heard: (from, message) => this.#heard(from, message),
      ended: (dead) => this.#ended(dead),
    })
    this.#workers.add(worker)
  }

  #heard(worker: PoolWorker, message: WorkerMessage): void {
    if (message.type === 'start-wanted') void this.#starts(() => worker.startBrowser())
    if (message.type === 'idle') {
      this.#failures = 0
      this.#firstIdle.resolve()
    }
    // Not on 'owns': the reserve can wait until the browser that starts now is up.
    if (message.type === 'idle' || message.type === 'start-over') void this.#look()
  }

  #ended(worker: PoolWorker): void {
    this.#workers.delete(worker)
    if (!this.#isStopping && worker.phase === 'starting') {
      this.#failures += 1
      const wait = backOffMs(this.#failures)
      this.#mayForkAt = performance.now() + wait
      this.#options.note(
        `Worker ${worker.pid} ended before it was ready; the next one follows in ${wait} ms.`,
      )
    }
    const clearing = this.#clear(worker).finally(() => this.#clearing.delete(clearing))
    this.#clearing.add(clearing)
    void this.#look()
  }

  /** Once nothing of a dead worker runs, its session is free for the next one: nobody waits for the lease to run out. */
  async #clear(worker: PoolWorker): Promise<void> {
    if (!(await worker.clear())) {
      this.#options.note(`Something that worker ${worker.pid} started does not end; its lease runs out.`)
      return
    }
    if (worker.workerId !== null) {
      this.#dead.set(worker.workerId, worker.session?.id ?? null)
      await this.#releaseDead().catch(() => {}) // Redis is away; `#look` tries again
    }
    void this.#look()
  }

  #in(phase: PoolWorker['phase']): PoolWorker[] {
    return [...this.#workers].filter((worker) => worker.phase === phase)
  }
}

export interface PoolCount {
  /** Workers that own a session or are on their way out. */
  busy: number
  /** Workers that own nothing, those that are still starting included. */
  free: number
  /** Sessions that are due and that nobody owns. */
  unplaced: number
  maxSessions: number
}

/**
 * How many workers to add (above zero) or let go (below). One free worker for every unplaced session, and at
 * least one in reserve so that the next request finds it running, within the limit.
 */
export function poolChange({ busy, free, unplaced, maxSessions }: PoolCount): number {
  const room = Math.max(0, maxSessions - busy)
  return Math.min(room, Math.max(1, unplaced)) - free
}
