import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { type RedisServer, startRedis } from './redis.ts'
import { reservePort } from './reserve-port.ts'
import { waitFor } from './wait-for.ts'

const MASTER = 'mymaster'
const SENTINELS = 3
const QUORUM = 2

export interface SentinelSetOptions {
  replicas?: number
  /** After this long of silence a Sentinel takes a server for dead, in ms. */
  downAfterMs?: number
  /** More options for every redis-server. */
  options?: string[]
}

/** One primary with its replicas and three Sentinels, as real processes on free ports. */
export class SentinelSet {
  readonly servers: readonly RedisServer[]
  readonly #sentinels: readonly Sentinel[]

  private constructor(servers: RedisServer[], sentinels: Sentinel[]) {
    this.servers = servers
    this.#sentinels = sentinels
  }

  static async start({ replicas = 2, downAfterMs = 1_000, options = [] }: SentinelSetOptions = {}) {
    const shared = ['--repl-diskless-sync-delay', '0', '--min-replicas-max-lag', '2', ...options]
    const primary = await startRedis(shared)
    const replicaOf = ['--replicaof', '127.0.0.1', String(primary.port)]
    const others = await Promise.all(
      Array.from({ length: replicas }, () => startRedis([...replicaOf, ...shared])),
    )
    await withRedis(primary.port, async (redis) => {
      await waitFor('the replicas', async () => (await redis.wait(replicas, 100)) === replicas)
      // Not before: a primary that wants replicas refuses to begin without.
      await redis.config('SET', 'min-replicas-to-write', '1')
    })
    for (const { port } of others)
      await withRedis(port, (redis) => redis.config('SET', 'min-replicas-to-write', '1'))
    const sentinels = await Promise.all(
      Array.from({ length: SENTINELS }, () => startSentinel(primary.port, downAfterMs)),
    )
    const set = new SentinelSet([primary, ...others], sentinels)
    await Promise.all(sentinels.map(({ port }) => untilKnowsAll(port, replicas)))
    return set
  }

  /** What gateway and worker are told. */
  get environment(): { REDIS_SENTINELS: string; REDIS_SENTINEL_MASTER: string } {
    return {
      REDIS_SENTINELS: this.#sentinels.map(({ port }) => `127.0.0.1:${port}`).join(','),
      REDIS_SENTINEL_MASTER: MASTER,
    }
  }

  /** The server that the Sentinels take for the primary. */
  async primary(): Promise<RedisServer> {
    const port = await withRedis(this.#sentinels[0]?.port ?? 0, async (redis) => {
      const answer = await redis.call('SENTINEL', 'get-master-addr-by-name', MASTER)
      return Number((answer as [string, string])[1])
    })
    const server = this.servers.find((each) => each.port === port)
    if (server === undefined) throw new Error('the Sentinels name a server that is none of ours')
    return server
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sentinels.map((sentinel) => sentinel.stop()))
    await Promise.all(this.servers.map((server) => server.stop()))
  }
}

/** A connection for one purpose. */
export async function withRedis<T>(port: number, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 5 })
  redis.on('error', () => {})
  try {
    return await use(redis)
  } finally {
    redis.disconnect()
  }
}

export interface Sentinel {
  port: number
  stop(): Promise<void>
}

/** @param options more lines for its configuration; a later `port` takes the place of the earlier one */
export async function startSentinel(
  primaryPort: number,
  downAfterMs: number,
  options: string[] = [],
): Promise<Sentinel> {
  const dir = await mkdtemp(join(tmpdir(), 'sentinel-'))
  const port = await reservePort()
  const file = join(dir, 'sentinel.conf')
  await writeFile(
    file,
    [
      'bind 127.0.0.1',
      `port ${port}`,
      `dir ${dir}`,
      `sentinel monitor ${MASTER} 127.0.0.1 ${primaryPort} ${QUORUM}`,
      `sentinel down-after-milliseconds ${MASTER} ${downAfterMs}`,
      `sentinel failover-timeout ${MASTER} 5000`,
      `sentinel parallel-syncs ${MASTER} 1`,
      ...options,
      '',
    ].join('\n'),
  )
  const child: ChildProcess = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' })
  await once(child, 'spawn')
  return {
    port,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit')
        child.kill('SIGKILL')
        await gone
      }
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function untilKnowsAll(port: number, replicas: number): Promise<void> {
  await withRedis(port, (redis) =>
    waitFor('a Sentinel to know the others', async () => {
      const flat = (await redis.call('SENTINEL', 'master', MASTER)) as string[] | Record<string, string>
      const facts = Array.isArray(flat) ? toRecord(flat) : flat
      return (
        Number(facts['num-other-sentinels']) === SENTINELS - 1 && Number(facts['num-slaves']) === replicas
      )
    }),
  )
}

function toRecord(flat: string[]): Record<string, string> {
  const record: Record<string, string> = {}
  for (let i = 0; i + 1 < flat.length; i += 2) record[flat[i] as string] = flat[i + 1] as string
  return record
}
