import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claimFolder } from '../../../local/data-folder.ts'
import { claimRedis } from '../../../local/open-redis.ts'
import { connectPatiently, type RedisServer, startRedis } from '../../support/redis.ts'
import { waitFor } from '../../support/wait-for.ts'

let server: RedisServer
let redis: Redis
beforeEach(async () => {
  server = await startRedis()
  redis = connectPatiently(server.url)
  await waitFor('a connection', () => redis.status === 'ready')
})
afterEach(async () => {
  redis.disconnect()
  await server.stop()
})

describe('sandbox and real', () => {
  it('do not start on a folder of each other', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'world-'))
    claimFolder(dataDir, 'sandbox')
    claimFolder(dataDir, 'sandbox')
    expect(() => claimFolder(dataDir, 'real')).toThrow('belongs to the sandbox')
    await rm(dataDir, { recursive: true })
  })

  it('do not start on a Redis of each other', async () => {
    await claimRedis(redis, 'real')
    await claimRedis(redis, 'real')
    await expect(claimRedis(redis, 'sandbox')).rejects.toThrow('belongs to the real WhatsApp')
  })

  it('take a Redis that holds sessions without a mark for the real one', async () => {
    await redis.zadd(keys.sessions, 1, 'sales')
    await expect(claimRedis(redis, 'sandbox')).rejects.toThrow('belongs to the real WhatsApp')
    await claimRedis(redis, 'real')
  })
})
