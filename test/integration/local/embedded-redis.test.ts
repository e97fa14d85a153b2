import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ChildLedger } from '../../../local/child-ledger.ts'
import { lockDataFolder } from '../../../local/data-folder.ts'
import type { KeptChild } from '../../../local/kept-child.ts'
import { startEmbeddedRedis } from '../../../local/open-redis.ts'
import { isAlive, listProcesses } from '../../support/processes.ts'
import { connectPatiently } from '../../support/redis.ts'
import { waitFor } from '../../support/wait-for.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'embedded-redis-'))
  ledger = (await ChildLedger.takeOver(dataDir)).ledger
})
afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true })
})

let ledger: ChildLedger
const start = () => startEmbeddedRedis({ dataDir, ledger, log: 2, note: () => undefined })

async function withClient<T>(redis: KeptChild<string>, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = connectPatiently(redis.ready)
  try {
    await waitFor('a connection', () => client.status === 'ready')
    return await use(client)
  } finally {
    client.disconnect()
  }
}

describe('the embedded Redis', () => {
  it('keeps its data over a stop, on disk with every write, and nobody else can read its password', async () => {
    const first = await start()
    await withClient(first, async (client) => {
      await client.set('kept', 'yes')
      expect(await client.config('GET', 'appendfsync')).toEqual(['appendfsync', 'always'])
      expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
    })
    const password = new URL(first.ready).password
    expect(listProcesses().some(({ command }) => command.join(' ').includes(password))).toBe(false)
    expect(statSync(join(dataDir, 'redis/redis.conf')).mode & 0o777).toBe(0o600)
    await first.stop()
    expect(isAlive(first.pid)).toBe(false)

    const second = await start()
    expect(await withClient(second, (client) => client.get('kept'))).toBe('yes')
    await second.stop()
  })

  it('comes back after kill -9 on the same address, with all that it had confirmed', async () => {
    const redis = await start()
    const killed = redis.pid
    await withClient(redis, async (client) => {
      for (let i = 0; i < 100; i++) await client.rpush('list', i)
      process.kill(killed, 'SIGKILL')
      await waitFor('an answer of another process', async () => {
        return redis.pid !== killed && (await client.llen('list')) === 100
      })
    })
    await redis.stop()
  })

  it('dies with its supervisor, kill -9 included, and the next one finds the folder free and the data there', async () => {
    const parent = spawn(process.execPath, [join(import.meta.dirname, 'redis-parent.ts'), dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const { url, pid } = JSON.parse(line.toString()) as { url: string; pid: number }
    const client = connectPatiently(url)
    await waitFor('a connection', () => client.status === 'ready')
    await client.set('kept', 'yes')
    client.disconnect()
    await expect(lockDataFolder(dataDir)).rejects.toThrow('Another start already runs on')

    parent.kill('SIGKILL')
    await once(parent, 'exit')
    await waitFor('its Redis to be gone', () => !isAlive(pid))

    const lock = await waitFor('the folder to be free', () => lockDataFolder(dataDir))
    const redis = await start()
    expect(await withClient(redis, (next) => next.get('kept'))).toBe('yes')
    await redis.stop()
    await lock.stop()
  })

  it('is never run twice on the same files', async () => {
    const redis = await start()
    await expect(start()).rejects.toThrow('Is another redis-server on')
    await redis.stop()
  })

  it('is on record while it runs, for a start after a kill to find', async () => {
    const redis = await start()
    const record = () => readFileSync(join(dataDir, 'children.json'), 'utf8')
    expect(record()).toContain(`"pid":${redis.pid}`)
    await redis.stop()
    expect(record()).toContain('"children":[]')
  })
})
