import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { connectForCommands } from '@wsg/shared/redis/connection/connect.ts'
import { placeOf, redisAt } from '@wsg/shared/redis/connection/redis-address.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { claimForWorld, readLoading } from '@wsg/shared/redis/connection/server.ts'
import type { World } from '@wsg/worker/src/whatsapp/browser/profile.ts'
import { ofOtherWorld, type Run } from './data-folder.ts'
import { KeptChild } from './kept-child.ts'
import type { LocalConfig } from './local-config.ts'
import { type RunningParts, StartFailure } from './running-parts.ts'

/** How long the configured Redis, and one of our own that was just started, may be silent. */
const ANSWER_LIMIT_MS = 10_000
const START_LIMIT_MS = 120_000
const LOADING_TOLD_EVERY_MS = 5_000
const STOP_LIMIT_MS = 15_000

export interface OpenRedis {
  /** The variables by which gateway and workers reach it. */
  environment: NodeJS.ProcessEnv
  /** The supervisor's own connection. */
  commands: RedisClient
}

/**
 * The Redis of this start: the one that the configuration names, else one of our own.
 * @throws StartFailure where it does not answer, or holds the other world's data
 */
export async function openRedis(config: LocalConfig, run: Run, parts: RunningParts): Promise<OpenRedis> {
  let { redis: address, environment } = config
  if (address === null) {
    const { ready: url } = await parts.add(startEmbeddedRedis(run))
    address = redisAt(url)
    // What else is said of a Redis is not said of this one.
    const others = Object.entries(environment).filter(([name]) => !name.startsWith('REDIS_'))
    environment = { ...Object.fromEntries(others), REDIS_URL: url }
  }
  const commands = connectForCommands(address, 'supervisor')
  await parts.add({ name: 'connection to Redis', stop: async () => commands.disconnect() })
  const waiting = { place: placeOf(address), silentMs: ANSWER_LIMIT_MS, note: run.note }
  await untilItAnswers(commands, { ...waiting, hint: '`npm run wsg -- doctor` says how to mend that.' })
  await claimRedis(commands, config.world)
  return { environment, commands }
}

/** Marks a Redis as this world's. @throws StartFailure where it is the other world's */
export async function claimRedis(redis: RedisClient, world: World): Promise<void> {
  if ((await claimForWorld(redis, world)) !== world) throw ofOtherWorld('This Redis', world)
}

/**
 * A real redis-server as a child, its data below the data folder, every write on disk before it is answered. It is
 * started again on the same address when it dies, and the kernel ends it with this process. `ready` is its address
 * with the password.
 * @throws StartFailure where it does not come up
 */
export async function startEmbeddedRedis({
  dataDir,
  ledger,
  log,
  note,
}: Pick<Run, 'dataDir' | 'ledger' | 'log' | 'note'>): Promise<KeptChild<string>> {
  const folder = join(dataDir, 'redis')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const password = randomBytes(24).toString('hex')
  const port = await freePort()
  const configFile = join(folder, 'redis.conf')
  writeFileSync(configFile, redisConfig({ folder, port, password }), { mode: 0o600 })
  const url = `redis://:${password}@127.0.0.1:${port}`
  // setpriv: the kernel kills Redis with this process, kill -9 included. flock: never two on the same files.
  const command = ['--pdeathsig', 'KILL', 'flock', '-n', '--no-fork', join(folder, 'lock')]
  return await KeptChild.start({
    name: 'Redis',
    role: 'redis',
    start: () =>
      spawn('setpriv', [...command, 'redis-server', configFile], {
        stdio: ['ignore', log, log],
        detached: true, // Ctrl-C must not reach it before its users ended
      }),
    becomesReady: async (_child, over) => {
      const redis = connectForCommands(url, 'supervisor')
      const waiting = { place: placeOf(redisAt(url)), silentMs: START_LIMIT_MS, note, over }
      await untilItAnswers(redis, waiting).finally(() => redis.disconnect())
      return url
    },
    stopLimitMs: STOP_LIMIT_MS,
    hint: `Is another redis-server on ${folder}? See redis.log there.`,
    ledger,
    note,
  })
}

function redisConfig({ folder, port, password }: { folder: string; port: number; password: string }): string {
  const quoted = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  return `bind 127.0.0.1
port ${port}
requirepass ${password}
dir ${quoted(folder)}
logfile ${quoted(join(folder, 'redis.log'))}
appendonly yes
appendfsync always
save ""
maxmemory-policy noeviction
daemonize no
loglevel warning
`
}

/**
 * Resolves when it answers with its file loaded, and tells how far that is.
 * @param waiting.silentMs how long it may neither answer nor load
 * @param waiting.hint what a person may do then
 * @throws StartFailure with the reason of its connection after that, or when `over` comes
 */
export async function untilItAnswers(
  redis: RedisClient,
  waiting: { place: string; silentMs: number; note: Run['note']; hint?: string; over?: AbortSignal },
): Promise<void> {
  const { place, silentMs, note, hint = '', over } = waiting
  let why = 'it is silent'
  redis.on('error', (error: NodeJS.ErrnoException) => {
    why = error.message || String(error.code)
  })
  let heardAt = performance.now()
  let toldAt = -LOADING_TOLD_EVERY_MS
  while (redis.status !== 'ready') {
    const loadedPercent = await readLoading(redis).catch(() => null)
    const now = performance.now()
    if (loadedPercent !== null) heardAt = now
    if (loadedPercent !== null && now - toldAt >= LOADING_TOLD_EVERY_MS) {
      note(`Redis loads its file, which is waited for: ${loadedPercent} % so far.`)
      toldAt = now
    }
    if (over?.aborted || now - heardAt > silentMs)
      throw new StartFailure(`Redis at ${place} does not answer: ${why}. ${hint}`.trimEnd())
    await pause(20)
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
