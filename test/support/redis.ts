import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { reservePort } from './reserve-port.ts'
import { waitFor } from './wait-for.ts'

export interface RedisServer {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** kill -9. What was acknowledged is in the append-only file. */
  kill(): Promise<void>
  /** Starts it again on the same port and data, after `kill`. */
  restart(): Promise<void>
  /** Freezes and thaws the process, as a machine that hangs would. */
  pause(): void
  resume(): void
  /** What it is asked for from now on, one line a command: `time [database address] "command" "argument"…`. */
  watch(): Promise<{ lines: string[]; end(): void }>
  /** Ends it and removes its data. @throws where somebody is still connected */
  stop(): Promise<void>
}

/** A test's own connection: its commands wait while Redis is away or silent, however long. */
export function connectPatiently(url: string): Redis {
  const redis = new Redis(url, { connectionName: 'test', maxRetriesPerRequest: null })
  redis.on('error', () => {}) // a test may take Redis away
  return redis
}

/** How long a connection that was closed may still be seen by Redis. */
const CLOSING_MS = 2_000

/** A real Redis of its own for one test file: append-only, every write on disk, as in the shipped set-ups. */
export async function startRedis(options: string[] = []): Promise<RedisServer> {
  const dir = await mkdtemp(join(tmpdir(), 'redis-'))
  const port = await reservePort()
  const url = `redis://127.0.0.1:${port}`
  let server = await launch(dir, port, url, options)
  let isPaused = false
  return {
    url,
    port,
    get pid() {
      return server.pid as number
    },
    kill: () => end(server, 'SIGKILL'),
    restart: async () => {
      server = await launch(dir, port, url, options)
    },
    pause: () => {
      isPaused = server.kill('SIGSTOP')
    },
    resume: () => {
      server.kill('SIGCONT')
      isPaused = false
    },
    watch: () => watch(port),
    stop: async () => {
      const left = isPaused || hasEnded(server) ? [] : await connectionsLeft(url)
      // Nothing of it is kept; and a replica that writes its first file after a synchronisation refuses SIGTERM.
      await end(server, 'SIGKILL')
      await rm(dir, { recursive: true, force: true })
      if (left.length > 0) throw new Error(`connections to Redis left over: ${left.join(', ')}`)
    },
  }
}

async function launch(dir: string, port: number, url: string, options: string[]): Promise<ChildProcess> {
  const server = spawn(
    'redis-server',
    // biome-ignore format: one option a line would hide what they say together
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'yes',
      '--appendfsync', 'always', '--maxmemory-policy', 'noeviction', ...options],
    { stdio: 'ignore' },
  )
  await once(server, 'spawn')
  await withProbe(url, (probe) =>
    waitFor('Redis to answer', async () => {
      if (hasEnded(server)) throw new Error(`redis-server ended with ${server.exitCode ?? server.signalCode}`)
      if (probe.status === 'wait' || probe.status === 'end') await probe.connect()
      return (await probe.ping()) === 'PONG'
    }),
  )
  return server
}

/** On a bare socket: ioredis' own monitor fails with RESP3. */
async function watch(port: number): Promise<{ lines: string[]; end(): void }> {
  const socket = connect(port, '127.0.0.1')
  const watch = { lines: [] as string[], end: () => void socket.destroy() }
  let rest = ''
  socket.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\r\n')
    rest = lines.pop() ?? ''
    watch.lines.push(...lines)
  })
  socket.write('MONITOR\r\n')
  await waitFor('the monitor', () => watch.lines.length > 0)
  return watch
}

async function withProbe<T>(url: string, use: (probe: Redis) => Promise<T>): Promise<T> {
  const probe = new Redis(url, {
    ...{ lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 },
    // It asks by itself whether Redis has loaded its file, and oftener.
    enableReadyCheck: false,
  })
  probe.on('error', () => {})
  try {
    return await use(probe)
  } finally {
    probe.disconnect()
  }
}

/** The names of those who are still connected after a moment, replicas and replicated servers left out. */
async function connectionsLeft(url: string): Promise<string[]> {
  return await withProbe(url, async (probe) => {
    let left: string[] = []
    await waitFor(
      'every connection to be closed',
      async () => {
        const clients = String(await probe.client('LIST'))
          .split('\n')
          .filter(Boolean)
        const own = ` id=${await probe.client('ID')} `
        left = clients
          .filter((client) => !` ${client} `.includes(own) && !/ flags=\S*[SM]/.test(client))
          .map(
            (client) => `${/ name=(\S*)/.exec(client)?.[1] || 'no name'} (${/ cmd=(\S*)/.exec(client)?.[1]})`,
          )
        return left.length === 0
      },
      { timeoutMs: CLOSING_MS, everyMs: 10 },
    ).catch(() => {})
    return left
  })
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(server)) return
  const gone = once(server, 'exit')
  server.kill(signal)
  await gone
}

function hasEnded(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null
}
