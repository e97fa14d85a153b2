import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectForCommands } from '@wsg/shared/redis/connection/connect.ts'
import { commandsOf } from '@wsg/shared/redis/connection/redis-commands.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'
import { ApiClient } from './api-client.ts'
import { pair } from './pair.ts'
import { browsersOn, descendants, isAlive, listProcesses, type ProcessEntry } from './processes.ts'
import { type RedisServer, startRedis } from './redis.ts'
import { SimulatorClient } from './simulator-client.ts'
import { waitFor } from './wait-for.ts'

const ROOT = join(import.meta.dirname, '../..')
const TOKEN = 'token-of-the-test'

export interface FleetOptions {
  simulator?: Record<string, unknown>
  /** More variables for every worker. */
  env?: Record<string, string>
  /** More variables for the gateway. */
  gatewayEnv?: Record<string, string>
}

/** Gateway, Redis and plain worker processes of one host, as containers run them: no supervisor, no pool. */
export class Fleet {
  readonly simulator: SimulatorClient
  readonly server: RedisServer
  readonly redis: Redis
  readonly dataDir: string
  readonly workers: FleetWorker[] = []
  readonly #env: Record<string, string>
  #gateway: ChildProcess | null = null
  #api: ApiClient | null = null
  #closing = false

  private constructor(
    simulator: SimulatorClient,
    server: RedisServer,
    dataDir: string,
    env: Record<string, string>,
  ) {
    this.simulator = simulator
    this.server = server
    this.redis = commandsOf(connectForCommands(server.url, 'test'))
    this.dataDir = dataDir
    this.#env = env
  }

  static async start({ simulator = {}, env = {}, gatewayEnv = {} }: FleetOptions = {}): Promise<Fleet> {
    const dataDir = await mkdtemp(join(tmpdir(), 'fleet-'))
    await chmod(dataDir, 0o711) // root's browsers run as nobody
    const fleet = new Fleet(await SimulatorClient.start(simulator), await startRedis(), dataDir, env)
    await fleet.#startGateway(gatewayEnv)
    return fleet
  }

  get api(): ApiClient {
    if (this.#api === null) throw new Error('the gateway is not running')
    return this.#api
  }

  get gatewayPid(): number {
    return this.#gateway?.pid as number
  }

  profilePath(session: string): string {
    return join(this.dataDir, '.wwebjs_auth', `session-${session}`)
  }

  /** Starts one more; it may own a session by the time it is returned. @param env more variables for this one */
  async startWorker(env: Record<string, string> = {}): Promise<FleetWorker> {
    const worker = this.spawnWorker(env)
    await waitFor('the worker to report', async () =>
      (await this.redis.zrange(keys.workers, '0', '-1')).some((id) => id.includes(`-${worker.pid}-`)),
    )
    return worker
  }

  /** The same without waiting for it. */
  spawnWorker(env: Record<string, string> = {}): FleetWorker {
    const { chromiumArgs } = this.simulator
    const worker = new FleetWorker({
      REDIS_URL: this.server.url,
      DATA_DIR: this.dataDir,
      CHROMIUM_ARGS: chromiumArgs.map((arg) => (/\s/.test(arg) ? `'${arg}'` : arg)).join(' '),
      ...this.#env,
      ...env,
    })
    this.workers.push(worker)
    return worker
  }

  /** Starts so many, and another one for each that ends, until `close`: as an engine does by its restart policy. */
  keepWorkers(count: number): void {
    for (let n = 0; n < count; n++) this.#keepWorker()
  }

  /** Waits until so many workers say that they own nothing. */
  async untilIdle(count: number): Promise<void> {
    await waitFor(
      `${count} idle workers`,
      async () => (await this.redis.zcount(keys.idleWorkers, Date.now(), '+inf')) === count,
    )
  }

  /** Those that have not ended. */
  living(): FleetWorker[] {
    return this.workers.filter(({ pid }) => isAlive(pid))
  }

  /** From now on nobody can tell by its lock whether this worker lives, as if it ran on another host. */
  async forgetLockOf({ pid }: FleetWorker): Promise<void> {
    const locks = join(this.dataDir, '.wwebjs_auth/.hosts')
    for (const name of await readdir(locks, { recursive: true })) {
      if (name.includes(`-${pid}-`)) await rm(join(locks, name))
    }
  }

  async pair(session: string, phone: string): Promise<void> {
    await pair(this, session, phone)
  }

  /** @throws where there is none, or more than one */
  browserOf(session: string): ProcessEntry {
    const browsers = browsersOn(this.profilePath(session))
    if (browsers.length !== 1) throw new Error(`${browsers.length} browsers hold the profile of ${session}`)
    return browsers[0] as ProcessEntry
  }

  workerOf(session: string): FleetWorker {
    const { parent } = this.browserOf(session)
    const worker = this.workers.find(({ pid }) => pid === parent)
    if (worker === undefined) throw new Error(`the browser of ${session} has no worker as its parent`)
    return worker
  }

  /** Waits until the session is ready in a browser other than `before`. @returns ms since the call */
  async untilBack(session: string, before: number, timeoutMs = 30_000): Promise<number> {
    const since = performance.now()
    await waitFor(
      `session ${session} to be back`,
      async () => {
        const { body } = await this.api.get('/status', session)
        return body.status === 'ready' && this.browserOf(session).pid !== before
      },
      { timeoutMs, everyMs: 20 },
    )
    return performance.now() - since
  }

  /** Stops everything, and fails where a process of a worker is left over. */
  async close(): Promise<void> {
    this.#closing = true
    const living = this.living()
    const below = descendants(
      listProcesses(),
      living.map(({ pid }) => pid),
    )
    for (const worker of living) worker.kill('SIGCONT')
    await Promise.all(living.map((worker) => worker.stop()))
    if (this.#gateway !== null) await end(this.#gateway, 'SIGTERM')
    this.redis.disconnect()
    await this.server.stop()
    await this.simulator.close()
    const left = below.filter(({ pid }) => isAlive(pid))
    for (const { pid } of left) process.kill(pid, 'SIGKILL')
    await rm(this.dataDir, { recursive: true, force: true })
    if (left.length > 0)
      throw new Error(`left over: ${left.map(({ command }) => command.slice(0, 3).join(' ')).join('; ')}`)
  }

  #keepWorker(): void {
    void this.spawnWorker()
      .ended()
      .then(() => this.#closing || this.#keepWorker())
  }

  async #startGateway(env: Record<string, string>): Promise<void> {
    const gateway = fork(join(ROOT, 'gateway/src/main.ts'), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
      env: environment({ REDIS_URL: this.server.url, API_TOKEN: TOKEN, PORT: '0', ...env }),
    })
    this.#gateway = gateway
    const [{ port }] = (await once(gateway, 'message')) as [{ port: number }]
    this.#api = new ApiClient(`http://127.0.0.1:${port}`, TOKEN)
  }
}

/** One `node worker/src/main.ts`. */
export class FleetWorker {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #output = ''

  constructor(env: Record<string, string>) {
    this.#child = spawn(process.execPath, [join(ROOT, 'worker/src/main.ts')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment(env),
    })
    this.#ended = once(this.#child, 'exit')
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-200_000)
      })
    }
  }

  get pid(): number {
    return this.#child.pid as number
  }

  /** The last of its log. */
  get output(): string {
    return this.#output
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#child.kill(signal)
  }

  /** @returns the exit code, null where a signal ended it */
  async ended(): Promise<number | null> {
    await this.#ended
    return this.#child.exitCode
  }

  /** As an engine stops a container. @returns the exit code */
  async stop(): Promise<number | null> {
    this.kill('SIGTERM')
    return await this.ended()
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}

function environment(env: Record<string, string>): NodeJS.ProcessEnv {
  const { REDIS_URL: _redis, API_TOKEN: _token, ...inherited } = process.env
  // Nobody waits for the pace that protects a real number.
  return { ...inherited, PACING: 'off', ...env }
}
