import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
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
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** A real Redis of its own for one test file: append-only, every write on disk, as in the shipped set-ups. */
export async function startRedis(options: string[] = []): Promise<RedisServer> {
  const dir = await mkdtemp(join(tmpdir(), 'redis-'))
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let server = await launch(dir, port, url, options)
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
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    stop: async () => {
      // Nothing of it is kept; and a replica that writes its first file after a synchronisation refuses SIGTERM.
      await end(server, 'SIGKILL')
      await rm(dir, { recursive: true, force: true })
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
  const probe = new Redis(url, { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 })
  probe.on('error', () => {})
  try {
    await waitFor('Redis to answer', async () => {
      if (probe.status === 'wait' || probe.status === 'end') await probe.connect()
      return (await probe.ping()) === 'PONG'
    })
  } finally {
    probe.disconnect()
  }
  return server
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const gone = once(server, 'exit')
  server.kill(signal)
  await gone
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}
