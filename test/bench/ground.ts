import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectForCommands } from '@wsg/shared/redis/connection/connect.ts'
import { commandsOf } from '@wsg/shared/redis/connection/redis-commands.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'
import { ApiClient } from '../support/api-client.ts'
import { browsersOn, type ProcessEntry } from '../support/processes.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { SimulatorClient } from '../support/simulator-client.ts'
import { waitFor } from '../support/wait-for.ts'
import { HttpCaller } from './http-caller.ts'
import { type Program, spawnWorker, startGateway } from './program.ts'

const TOKEN = 'token-of-the-benchmark'
/** Acks come at once; a sync takes as long for both sides. */
/** The build on which the raw library works as well, so that both send on the same page. */
const SIMULATOR = { build: 'legacy', syncDelayMs: 100 } as const

export interface GroundOptions {
  gatewayEnv?: Record<string, string>
  workerEnv?: Record<string, string>
  /** The Node of gateway and workers, where it is not to be the one that everything else runs on. */
  node?: string
  /** Puts something between a program and Redis. @param url the real one @returns the one to use instead */
  redisUrlFor?: (program: 'gateway' | 'worker', url: string) => Promise<string>
}

/**
 * Redis with every write on disk, a simulated WhatsApp, one gateway, and as many workers as a chapter asks for: plain
 * processes, as containers run them.
 */
export class Ground implements AsyncDisposable {
  readonly simulator: SimulatorClient
  readonly server: RedisServer
  readonly redis: Redis
  readonly dataDir: string
  readonly port: number
  readonly api: ApiClient
  readonly gateway: Program
  readonly #options: GroundOptions
  readonly #workers = new Set<Program>()
  readonly #callers = new Set<HttpCaller>()

  private constructor(
    parts: Pick<Ground, 'simulator' | 'server' | 'dataDir' | 'port' | 'gateway'>,
    options: GroundOptions,
  ) {
    this.simulator = parts.simulator
    this.server = parts.server
    this.dataDir = parts.dataDir
    this.port = parts.port
    this.gateway = parts.gateway
    this.redis = commandsOf(connectForCommands(parts.server.url, 'bench'))
    this.api = new ApiClient(`http://127.0.0.1:${parts.port}`, TOKEN)
    this.#options = options
  }

  static async start(options: GroundOptions = {}): Promise<Ground> {
    const dataDir = await mkdtemp(join(tmpdir(), 'ground-'))
    const simulator = await SimulatorClient.start(SIMULATOR)
    const server = await startRedis()
    const redisUrl = (await options.redisUrlFor?.('gateway', server.url)) ?? server.url
    const env = { REDIS_URL: redisUrl, API_TOKEN: TOKEN, DATA_DIR: dataDir, ...options.gatewayEnv }
    const { program, port } = await startGateway(env, options.node)
    const ground = new Ground({ simulator, server, dataDir, port, gateway: program }, options)
    await waitFor('the gateway to be ready', async () => (await ground.api.get('/readyz')).status === 200)
    return ground
  }

  get token(): string {
    return TOKEN
  }

  caller(connections = 1): HttpCaller {
    const caller = new HttpCaller(this.port, TOKEN, connections)
    this.#callers.add(caller)
    return caller
  }

  /** Starts one more, and waits until it says that it takes a session, or has taken one. */
  async startWorker(): Promise<Program> {
    const worker = await this.spawnWorker()
    await waitFor('a worker to report', async () =>
      (await this.redis.zrange(keys.workers, '0', '-1')).some((id) => id.includes(`-${worker.pid}-`)),
    )
    return worker
  }

  /** The same without waiting for it. */
  async spawnWorker(): Promise<Program> {
    const { workerEnv, node, redisUrlFor } = this.#options
    const env = {
      REDIS_URL: (await redisUrlFor?.('worker', this.server.url)) ?? this.server.url,
      DATA_DIR: this.dataDir,
      NODE_COMPILE_CACHE: join(this.dataDir, 'compile-cache'),
      CHROMIUM_ARGS: this.simulator.chromiumArgs.map((arg) => (/\s/.test(arg) ? `'${arg}'` : arg)).join(' '),
      ...workerEnv,
    }
    const worker = spawnWorker(env, node)
    this.#workers.add(worker)
    worker.child.once('exit', () => this.#workers.delete(worker))
    return worker
  }

  /** Starts a worker and has it own a new session that this phone scans. Resolves when it is ready. */
  async startSession(session: string, phone: string): Promise<Program> {
    const worker = await this.startWorker()
    await this.pair(session, phone)
    return worker
  }

  async pair(session: string, phone: string): Promise<void> {
    const { body } = await waitFor(`a code for ${session}`, async () => {
      const answer = await this.api.get('/qr', session)
      return typeof answer.body.code === 'string' && answer
    })
    await this.scan(session, String(body.code), phone)
  }

  async scan(session: string, qr: string, phone: string): Promise<void> {
    await this.simulator.scan({ qr, phone })
    await this.api.until(session, 'ready')
  }

  browserOf(session: string): ProcessEntry {
    const [browser] = browsersOn(join(this.dataDir, '.wwebjs_auth', `session-${session}`))
    if (browser === undefined) throw new Error(`${session} has no browser`)
    return browser
  }

  async untilIdle(count: number): Promise<void> {
    await waitFor(
      `${count} idle workers`,
      async () => (await this.redis.zcount(keys.idleWorkers, Date.now(), '+inf')) === count,
    )
  }

  /** Bytes that Redis uses for its data. */
  async redisBytes(): Promise<number> {
    return Number(/^used_memory:(\d+)/m.exec(await this.redis.info('memory'))?.[1])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const caller of this.#callers) caller.close()
    await Promise.all([...this.#workers].map((worker) => worker.stop()))
    await this.gateway.stop()
    this.redis.disconnect()
    await this.server.stop()
    await this.simulator.close()
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 })
  }
}
