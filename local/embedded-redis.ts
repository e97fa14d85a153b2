import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { connectForCommands } from '@wsg/shared/redis/connection/connect.ts'
import { backOffMs } from './back-off.ts'
import type { Run } from './open-data.ts'
import { identify } from './process-identity.ts'
import type { Part } from './running-parts.ts'
import { StartFailure } from './start-failure.ts'

const START_LIMIT_MS = 120_000
const STOP_LIMIT_MS = 15_000
/** What has run for so long did not die of its configuration. */
const SETTLED_MS = 5_000

export interface EmbeddedRedis extends Part {
  /** With the password. */
  url: string
  pid: number
}

type RedisPlace = Pick<Run, 'dataDir' | 'ledger' | 'log' | 'note'>

/**
 * A real redis-server as a child, its data below the data folder, every write on disk before it is answered. It is
 * started again on the same address when it dies, and the kernel ends it with this process.
 * @throws StartFailure where it does not come up
 */
export async function startEmbeddedRedis({ dataDir, ledger, log, note }: RedisPlace): Promise<EmbeddedRedis> {
  const folder = join(dataDir, 'redis')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const password = randomBytes(24).toString('hex')
  const port = await freePort()
  const configFile = join(folder, 'redis.conf')
  writeFileSync(configFile, redisConfig({ folder, port, password }), { mode: 0o600 })
  const url = `redis://:${password}@127.0.0.1:${port}`
  const redis = new RedisChild({ configFile, folder, ledger, log, note })
  await Promise.race([answers(url), redis.firstEnd()])
  redis.keepRunning()
  return {
    name: 'Redis',
    url,
    get pid() {
      return redis.pid
    },
    stop: () => redis.stop(),
    kill: () => redis.kill(),
  }
}

function redisConfig({ folder, port, password }: { folder: string; port: number; password: string }): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${quoted(folder)}`,
    `logfile ${quoted(join(folder, 'redis.log'))}`,
    'appendonly yes',
    'appendfsync always',
    'save ""',
    'maxmemory-policy noeviction',
    'daemonize no',
    'loglevel warning',
    '',
  ].join('\n')
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

type RedisChildOptions = Omit<RedisPlace, 'dataDir'> & { configFile: string; folder: string }

class RedisChild {
  readonly #options: RedisChildOptions
  #child: ChildProcess
  #startedAt = 0
  #failures = 0
  #stopping = false

  constructor(options: RedisChildOptions) {
    this.#options = options
    this.#child = this.#spawn()
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Rejects when the first process ends before it is told to be kept. */
  async firstEnd(): Promise<never> {
    try {
      const [code] = await once(this.#child, 'exit')
      throw new StartFailure(
        `Redis ended with code ${code} before it answered. Is another redis-server on ${this.#options.folder}? See redis.log there.`,
      )
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      throw new StartFailure('The program setpriv is missing. Run: node setup.mjs')
    }
  }

  keepRunning(): void {
    this.#child.once('exit', () => void this.#restart())
  }

  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
    await gone
    clearTimeout(limit)
  }

  kill(): void {
    this.#stopping = true
    this.#child.kill('SIGKILL')
  }

  async #restart(): Promise<void> {
    if (this.#stopping) return
    this.#failures = performance.now() - this.#startedAt > SETTLED_MS ? 1 : this.#failures + 1
    this.#options.note('Redis ended and is started again.')
    await pause(backOffMs(this.#failures))
    if (this.#stopping) return
    this.#child = this.#spawn()
    this.keepRunning()
  }

  #spawn(): ChildProcess {
    const { configFile, folder, ledger, log } = this.#options
    // setpriv: the kernel kills Redis with this process, kill -9 included. flock: never two on the same files.
    const child = spawn(
      'setpriv',
      [
        ...['--pdeathsig', 'KILL', 'flock', '-n', '--no-fork', join(folder, 'lock')],
        ...['redis-server', configFile],
      ],
      { stdio: ['ignore', log, log], detached: true }, // detached: Ctrl-C must not reach it before its users ended
    )
    this.#startedAt = performance.now()
    const { pid } = child
    if (pid !== undefined) {
      ledger.put({ role: 'redis', ...identify(pid) })
      child.once('exit', () => ledger.remove(pid))
    }
    child.on('error', () => {}) // `firstEnd` hears it as well
    return child
  }
}

/** Resolves when it answers with its data loaded. */
async function answers(url: string): Promise<void> {
  const redis = connectForCommands(url, 'supervisor')
  const end = performance.now() + START_LIMIT_MS
  try {
    while (performance.now() < end) {
      const answer = await redis.ping().catch(() => null)
      if (answer === 'PONG') return
      await pause(20)
    }
    throw new StartFailure(`Redis did not answer within ${START_LIMIT_MS / 1000} s.`)
  } finally {
    redis.disconnect()
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
