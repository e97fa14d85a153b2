import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { countOwnerless } from '@wsg/shared/redis/session/desired-state.ts'
import type { WorkerMessage } from '@wsg/worker/src/pool/pool-messages.ts'
import pLimit, { type LimitFunction } from 'p-limit'
import type { Run } from './data-folder.ts'
import { backOffMs } from './kept-child.ts'
import { LeaseWatch } from './lease-watch.ts'
import type { LocalConfig } from './local-config.ts'
import { PoolWorker } from './pool-worker.ts'
import { OwnerReleaser } from './release-owners.ts'
import type { Part } from './running-parts.ts'

const MAIN = join(import.meta.dirname, '../worker/src/main.ts')
const LOOK_EVERY_MS = 1_000
/** Enough for a slow disk. */
const FIRST_IDLE_LIMIT_MS = 15_000

export interface PoolOptions
  extends Pick<Run, 'ledger' | 'log' | 'note'>,
    Pick<LocalConfig, 'maxSessions' | 'maxStarts' | 'leaseTtlMs'> {
  /** The worker's main file. */
  file: string
  environment: NodeJS.ProcessEnv
  redis: RedisClient
  releaser: OwnerReleaser
  /** How long a free worker more than needed is kept. */
  surplusMs?: number
  /** How long the workers have to end cleanly. */
  stopLimitMs?: number
}

/** Frees what dead workers of the previous run owned, and starts the pool. */
export async function startPool(
  { maxSessions, maxStarts, leaseTtlMs }: LocalConfig,
  { ledger, log, note, deadOwners }: Run,
  redis: RedisClient,
  environment: NodeJS.ProcessEnv,
): Promise<Pool> {
  const releaser = new OwnerReleaser(redis)
  for (const owner of deadOwners) await releaser.release(owner)
  const limits = { maxSessions, maxStarts, leaseTtlMs }
  return new Pool({ file: MAIN, environment, redis, releaser, ledger, log, note, ...limits })
}

/**
 * The workers of one machine: as many free ones as sessions wait for one, one in reserve, and never more than
 * `maxSessions` in all. The pool does not place sessions (the workers take placements themselves); it sees to it
 * that there is someone to take them, and that nothing of a dead worker is left.
 */
export class Pool implements Part {
  readonly name = 'workers'
  readonly #options: Required<PoolOptions>
  readonly #workers = new Set<PoolWorker>()
  readonly #clearing = new Set<Promise<void>>()
  /** Past one browser start for each core they only take turns, and the watchdogs of all of them run meanwhile. */
  readonly #starts: LimitFunction
  readonly #watch: LeaseWatch
  readonly #firstIdle = Promise.withResolvers<void>()
  readonly #timer: NodeJS.Timeout
  #failures = 0
  #mayForkAt = 0
  #surplusSince: number | null = null
  #isLooking = false
  #isStopping = false

  constructor(options: PoolOptions) {
    this.#options = { surplusMs: 60_000, stopLimitMs: 20_000, ...options }
    this.#starts = pLimit(options.maxStarts)
    this.#watch = new LeaseWatch(options.redis, options.leaseTtlMs)
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS)
    this.#fit(0)
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

  /** Once a second: what waits, who let a lease lapse, and whether the number of workers fits. */
  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      await this.#options.releaser.retry()
      for (const worker of await this.#watch.lapsed(this.#workers)) {
        this.#options.note(`Worker ${worker.pid} let its lease run out without ending, and is killed.`)
        worker.kill()
      }
      this.#fit(await this.#countUnplaced())
    } catch {
      // Redis is away. The workers that are there stay; the next look follows in a second.
    } finally {
      this.#isLooking = false
    }
  }

  async #countUnplaced(): Promise<number> {
    const { redis, maxSessions } = this.#options
    return await countOwnerless(redis, maxSessions * 2)
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
      await this.#options.releaser.release({
        workerId: worker.workerId,
        sessionId: worker.owned?.sessionId ?? null,
      })
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
