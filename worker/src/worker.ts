import { flushCompileCache } from 'node:module'
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import type { StoredProxy } from '@wsg/shared/net/proxy-address.ts'
import { logConnection } from '@wsg/shared/redis/connection/connect.ts'
import { registerSavedLogin } from '@wsg/shared/redis/session/known-sessions.ts'
import { reportMemory } from '@wsg/shared/redis/worker/workers.ts'
import type { Connections } from './connections.ts'
import { type Claim, claimSession } from './lease/claim-session.ts'
import { type MemoryMeter, watchMemory } from './memory/memory-meter.ts'
import { type PoolLink, passStartGate } from './pool/pool-link.ts'
import { PlacementQueue } from './queues/placement-queue.ts'
import type { ProfileFolder } from './session/profile-folder.ts'
import { Session } from './session/session.ts'
import type { SessionSettings } from './session/session-settings.ts'
import type { WhatsAppClient } from './whatsapp/whatsapp-client.ts'
import { WorkerRegistry } from './worker-registry.ts'

const REDIS_RETRY_MS = 500
/** A first connection that takes longer is logged. */
const REDIS_LATE_MS = 2_000
/** How long a dying process tries to tell Redis so. */
const ABORT_LIMIT_MS = 5_000
/** How long a process that is to end waits for a Redis that does not answer, before it ends without publishing that. */
const REDIS_GONE_AFTER_MS = 1_000

export interface WorkerOptions {
  workerId: string
  settings: SessionSettings
  memory: MemoryMeter
  profiles: ProfileFolder
  connections: Connections
  pool: PoolLink
  createClient(sessionId: string, proxy: StoredProxy | null): WhatsAppClient
  /** Ends this process at once with a code that is not zero. */
  die(reason: string): void
  logger: Logger
}

/**
 * One worker process: idle, or the owner of exactly one session. It takes a placement, runs the session until its
 * ownership ends, and is idle again. A fault of a session ends the process: whatever it left behind goes with it.
 */
export class Worker {
  readonly #options: WorkerOptions
  readonly #registry: WorkerRegistry
  readonly #placements: PlacementQueue
  #session: Session | null = null
  #running: Promise<void> = Promise.resolve()
  readonly #stop = new AbortController()
  readonly #over = new AbortController()

  constructor(options: WorkerOptions) {
    this.#options = options
    const { workerId, settings, memory, connections, logger } = options
    this.#registry = new WorkerRegistry({
      redis: connections.commands,
      workerId,
      ttlMs: settings.leaseTtlMs,
      memoryLimitMb: memory.limitMb,
      logger,
    })
    this.#placements = new PlacementQueue({ connection: connections.queues, logger })
  }

  /** Begins to work. Resolves when it is over: after `stop`, or a fault. */
  start(): Promise<void> {
    void watchMemory(this.#options.memory, this.#over.signal, (memoryMb) => this.#measured(memoryMb))
    this.#running = this.#run()
    return this.#running
  }

  /**
   * Takes nothing more, ends a running session cleanly, and resolves when its lease is released. Where Redis does not
   * answer there is nobody to release it to: the browser is killed, and the lease runs out.
   */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#session?.stop()
    await this.#unlessRedisIsGone(Promise.all([this.#placements.stop(), this.#running]))
  }

  /** After an error that nobody caught: kills the browser in this turn, then lets go of the session as a fault. */
  async abort(error: unknown): Promise<void> {
    this.#stop.abort()
    this.#options.logger.fatal({ err: error }, 'an error that nobody caught ends this worker')
    this.#session?.abort(error instanceof Error ? error.name : 'unknown')
    void this.#placements.stop()
    const limit = pause(ABORT_LIMIT_MS, undefined, { ref: false })
    await this.#unlessRedisIsGone(Promise.race([this.#running, limit]))
  }

  get #stopping(): boolean {
    return this.#stop.signal.aborted
  }

  async #unlessRedisIsGone(end: Promise<unknown>): Promise<void> {
    const { connections, logger } = this.#options
    const over = new AbortController()
    const gone = connections.unanswered(REDIS_GONE_AFTER_MS, over.signal).then((isGone) => {
      if (!isGone) return
      logger.warn('Redis does not answer: this worker ends without a word to it')
      this.#session?.abandon('redis_unreachable')
    })
    try {
      await Promise.race([end, gone])
    } finally {
      over.abort()
    }
  }

  async #run(): Promise<void> {
    const { logger, pool, workerId } = this.#options
    try {
      await this.#untilConnected()
      await this.#registerProfiles()
      // Node would do so at its exit, too late for the workers that start meanwhile: each took 10 MB more.
      flushCompileCache()
      while (!this.#stopping) {
        await this.#registry.report(null)
        pool.tell({ type: 'idle', workerId })
        const claim = await this.#placements.next((sessionId) => this.#claim(sessionId))
        if (claim !== null) await this.#own(claim, logger.child({ sessionId: claim.sessionId }))
      }
      pool.tell({ type: 'left' })
    } finally {
      this.#over.abort()
      await this.#registry.leave()
    }
  }

  async #untilConnected(): Promise<void> {
    const { connections, logger } = this.#options
    logConnection(connections.commands, logger)
    const late = setTimeout(() => logger.warn('waiting for Redis'), REDIS_LATE_MS)
    await connections.ready(this.#stop.signal)
    clearTimeout(late)
  }

  /**
   * Makes every profile on the volume that Redis does not know a known session with a saved login, so that a volume
   * from an earlier service, or a lost Redis, costs no QR.
   */
  async #registerProfiles(): Promise<void> {
    const { connections, profiles, logger } = this.#options
    while (!this.#stopping) {
      try {
        let registered = 0
        for (const sessionId of await profiles.sessions())
          if (await registerSavedLogin(connections.commands, sessionId)) registered += 1
        if (registered > 0) logger.info({ registered }, 'found profiles that Redis did not know')
        return
      } catch (err) {
        logger.warn({ err }, 'the profiles could not be registered; trying again')
        await pause(REDIS_RETRY_MS)
      }
    }
  }

  async #claim(sessionId: string): Promise<Claim | null> {
    const { connections, workerId, settings, pool, logger } = this.#options
    pool.tell({ type: 'claims', sessionId })
    const { confirmations } = connections
    return await claimSession(sessionId, { confirmations, workerId, ttlMs: settings.leaseTtlMs, logger })
  }

  async #own(claim: Claim, logger: Logger): Promise<void> {
    const { settings, memory, profiles, connections, pool, createClient, die } = this.#options
    const { sessionId, token } = claim
    pool.tell({ type: 'owns', sessionId, token })
    void this.#registry.report(sessionId)
    const session = new Session({
      claim,
      settings,
      memory,
      connections,
      profiles,
      createClient,
      startGate: (signal, start) => passStartGate(pool, signal, start),
      offerPlacement: (id) => this.#placements.offer(id),
      die,
      logger,
    })
    this.#session = session
    if (this.#stopping) session.stop()
    const repeat = () => session.machine.repeat()
    connections.commands.on('ready', repeat)
    const end = await session.run()
    connections.commands.off('ready', repeat)
    this.#session = null
    if (end.kind !== 'fault' && end.kind !== 'fenced') return
    this.#stop.abort()
    if (end.kind === 'fault') die(end.fault.kind)
  }

  #measured(memoryMb: number): void {
    this.#session?.measured(memoryMb)
    const { connections, workerId } = this.#options
    // A figure that is not written now is written with the next measurement.
    reportMemory(connections.commands, workerId, memoryMb).catch(() => {})
  }
}
