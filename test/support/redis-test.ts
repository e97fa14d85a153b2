import { Redis } from 'ioredis'
import { test } from 'vitest'
import { startRedis } from './redis.ts'

/** A test on a real Redis: one for the file, emptied after each test. */
export const redisTest = test
  /** What its `redis-server` is told besides: `redisTest.extend('redisOptions', { scope: 'file' }, […])`. */
  .extend('redisOptions', { scope: 'file' }, [] as string[])
  .extend('server', { scope: 'file' }, async ({ redisOptions }, { onCleanup }) => {
    const server = await startRedis(redisOptions)
    onCleanup(() => server.stop())
    return server
  })
  /** The test's own connection. Its commands wait while Redis is away. */
  .extend('redis', { scope: 'file' }, async ({ server }, { onCleanup }) => {
    const redis = new Redis(server.url, { maxRetriesPerRequest: null })
    redis.on('error', () => {}) // a test may take Redis away
    onCleanup(() => redis.disconnect())
    await redis.ping()
    return redis
  })
  .extend('emptied', { auto: true }, ({ redis }, { onCleanup }) => {
    onCleanup(async () => void (await redis.flushall()))
  })
