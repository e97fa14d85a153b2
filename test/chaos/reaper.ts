import { setTimeout as pause } from 'node:timers/promises'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'
import type { Fleet } from '../support/fleet.ts'
import type { GatewayProcess } from '../support/gateway-process.ts'
import { overload } from '../support/overload.ts'
import { rendererOn } from '../support/processes.ts'
import { kill } from '../support/stack.ts'
import { waitFor } from '../support/wait-for.ts'
import type { Random } from './random.ts'
import type { Turnstile } from './turnstile.ts'

const victims = ['worker', 'browser', 'renderer', 'gateway', 'idle_worker', 'redis'] as const
type Victim = (typeof victims)[number]
/** One draw in so many; workers are what the promises rest on. */
const HAT: readonly Victim[] = [
  ...Array<Victim>(7).fill('worker'),
  ...Array<Victim>(4).fill('browser'),
  ...Array<Victim>(3).fill('renderer'),
  ...Array<Victim>(5).fill('gateway'),
  'idle_worker',
]
const REDIS_DRAWS = 2
/** What starts again takes longer on a machine that is overloaded, and would be killed before it has begun. */
const SLOWER_AT_MOST = 4
/**
 * Eight faults without a minute of `ready` are a crash loop, and so are eight deaths without any `ready`; the product
 * then rightly gives a session up, and rests it longer with each one before. It is spared before it comes to that.
 */
const MOST_FAULTS_IN_A_ROW = 3
const MOST_DEATHS_IN_A_ROW = 2

export interface Kill {
  victim: Victim
  /** Whose owner, browser or page it was. */
  session: string | null
  /** Epoch ms, just before the signal. */
  at: number
}

export interface ReaperParts {
  fleet: Fleet
  gateways: readonly GatewayProcess[]
  sessions: readonly string[]
  /** So many workers are kept running. */
  workers: number
  /** Whether Redis is killed too, and started again within a second or two. */
  withRedis: boolean
  random: Random
}

/** Kills with -9 at random moments, and starts again what it killed, as an engine does with its containers. */
export class Reaper {
  readonly kills: Kill[] = []
  readonly #parts: ReaperParts
  readonly #restarts = new Map<GatewayProcess, Promise<void>>()
  #stopped = false

  constructor(parts: ReaperParts) {
    this.#parts = parts
    parts.fleet.keepWorkers(parts.workers)
  }

  /** Kills `count` times, each somewhere in a portion of the messages, and tells of every tenth. */
  async run(
    turnstile: Turnstile,
    messages: number,
    { count, onProgress }: { count: number; onProgress(kills: number): void },
  ): Promise<void> {
    const { random } = this.#parts
    for (let n = 0; n < count && !this.#stopped; n++) {
      turnstile.openTo(Math.ceil(((n + 1) * messages) / count))
      await turnstile.until(Math.floor(((n + random.next()) * messages) / count))
      await pause(random.between(0, 150))
      while (!this.#stopped && !(await this.#strike())) await pause(20)
      if ((n + 1) % 10 === 0) onProgress(n + 1)
      await pause(random.between(200, 1_000) * Math.min(overload(), SLOWER_AT_MOST))
    }
  }

  /** Kills every owner, at once and whatever it does. */
  async killOwners(): Promise<void> {
    for (const session of this.#parts.sessions) await this.#killWorker(session)
  }

  /** Nothing more is killed or replaced. Resolves when the gateways that were killed are back. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#restarts.values())
  }

  /** @returns false where what was drawn is not there at this moment */
  #strike(): Promise<boolean> {
    const { random, sessions, withRedis } = this.#parts
    const victim = random.pick(withRedis ? [...HAT, ...Array<Victim>(REDIS_DRAWS).fill('redis')] : HAT)
    if (victim === 'redis') return this.#killRedis()
    if (victim === 'gateway') return this.#killGateway()
    if (victim === 'idle_worker') return this.#killIdleWorker()
    const session = random.pick(sessions)
    return victim === 'worker' ? this.#killWorker(session) : this.#killBrowser(session, victim)
  }

  async #killWorker(session: string): Promise<boolean> {
    const { fleet } = this.#parts
    const [worker, deaths] = await this.#asked((redis) =>
      redis.hmget(keys.session(session), 'worker', 'deaths'),
    )
    const owner = fleet.living().find(({ pid }) => worker?.includes(`-${pid}-`))
    if (owner === undefined || Number(deaths ?? 0) > MOST_DEATHS_IN_A_ROW) return false
    // Its successor shall not be told of the faults before it, which here come faster than any that are nobody's will.
    await this.#asked((redis) => redis.hdel(keys.session(session), 'failures'))
    this.#note('worker', session)
    owner.kill()
    await owner.ended()
    return true
  }

  async #killBrowser(session: string, victim: 'browser' | 'renderer'): Promise<boolean> {
    const { fleet } = this.#parts
    const failures = Number(await this.#asked((redis) => redis.hget(keys.session(session), 'failures')))
    if (failures > MOST_FAULTS_IN_A_ROW) return false
    const pid = victim === 'browser' ? browserOf(fleet, session) : rendererOn(fleet.profilePath(session))?.pid
    if (pid === undefined) return false
    this.#note(victim, session)
    kill(pid, 'SIGKILL')
    return true
  }

  async #killGateway(): Promise<boolean> {
    const running = this.#parts.gateways.filter((gateway) => !this.#restarts.has(gateway))
    if (running.length === 0) return false
    const gateway = this.#parts.random.pick(running)
    this.#note('gateway', null)
    const restart = gateway.end('SIGKILL').then(() => gateway.startAgain())
    this.#restarts.set(
      gateway,
      restart.then(() => void this.#restarts.delete(gateway)),
    )
    return true
  }

  async #killIdleWorker(): Promise<boolean> {
    const { fleet } = this.#parts
    const idle = await this.#asked((redis) => redis.zrangebyscore(keys.idleWorkers, Date.now(), '+inf'))
    const worker = fleet.living().find(({ pid }) => idle.some((id) => id.includes(`-${pid}-`)))
    if (worker === undefined) return false
    this.#note('idle_worker', null)
    worker.kill()
    await worker.ended()
    return true
  }

  async #killRedis(): Promise<boolean> {
    const { fleet, random } = this.#parts
    this.#note('redis', null)
    await fleet.server.kill()
    await pause(random.between(0, 1_000))
    await fleet.server.restart()
    await this.#asked((redis) => redis.ping())
    return true
  }

  /** Redis may just have been killed, or be too busy to answer in time: it is asked until it does. */
  async #asked<T>(ask: (redis: Redis) => Promise<T>): Promise<T> {
    const [answer] = await waitFor(
      'Redis to answer',
      async () => [await ask(this.#parts.fleet.redis)] as const,
    )
    return answer
  }

  #note(victim: Victim, session: string | null): void {
    this.kills.push({ victim, session, at: Date.now() })
  }
}

function browserOf(fleet: Fleet, session: string): number | undefined {
  try {
    return fleet.browserOf(session).pid
  } catch {
    return undefined // it is being replaced
  }
}
