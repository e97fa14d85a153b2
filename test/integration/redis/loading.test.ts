import { connectForBlocking, connectForCommands } from '@wsg/shared/redis/connection/connect.ts'
import { expect, onTestFinished, test } from 'vitest'
import { startRedis } from '../../support/redis.ts'
import { RedisProxy } from '../../support/redis-proxy.ts'
import { waitFor } from '../../support/wait-for.ts'

const LOADED = 'loading:0\r\nasync_loading:0\r\ncurrent_cow_peak:0\r\n'
/** What Redis says in the first second of a large file. */
const LOADING = 'loading:1\r\nloading_eta_seconds:000000000003600\r\n'
/** By itself ioredis waits for ten seconds then. */
const BACK_WITHIN_MS = 5_000

test.each([connectForCommands, connectForBlocking])(
  'a connection of %o is back soon after Redis has loaded its file, however long that believed to take',
  async (connect) => {
    const server = await startRedis()
    onTestFinished(() => server.stop())
    const proxy = await RedisProxy.start(server.port)
    onTestFinished(() => proxy.close())
    const saidToLoad = proxy.falsifyAnswer(LOADED, LOADING)
    const redis = connect(proxy.url, 'test')
    onTestFinished(() => redis.disconnect())
    await saidToLoad
    const saidAt = performance.now()
    expect(redis.status).not.toBe('ready')
    await waitFor('the connection', () => redis.status === 'ready')
    expect(performance.now() - saidAt).toBeLessThan(BACK_WITHIN_MS)
  },
)
