import { test } from 'vitest'
import { connectPatiently, startRedis } from './redis.ts'

/** A test on a real Redis: one for the file, emptied after each test. */
export const redisTest = test
  /** What its `redis-server` is told besides: `redisTest.extend('redisOptions', { scope: 'file' }, […])`. */
  .extend('redisOptions', { scope: 'file' }, [] as string[])
  .extend('server', { scope: 'file' }, async ({ redisOptions }, { onCleanup }) => {
    const server = await startRedis(redisOptions)
    onCleanup(() => server.stop())
    return server
  })
  /** The test's own connection. */
  .extend('redis', { scope: 'file' }, async ({ server }, { onCleanup }) => {
    const redis = connectPatiently(server.url)
    onCleanup(() => redis.disconnect())
    await redis.ping()
    return redis
  })
  .extend('emptied', { auto: true }, ({ redis }, { onCleanup }) => {
    onCleanup(async () => void (await redis.flushall()))
  })
