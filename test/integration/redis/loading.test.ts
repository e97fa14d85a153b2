import type { Logger } from '@wsg/shared/logger.ts'
import {
  connectForBlocking,
  connectForCommands,
  logConnection,
} from '@wsg/shared/redis/connection/connect.ts'
import { readLoading } from '@wsg/shared/redis/connection/server.ts'
import { expect, onTestFinished, test, vi } from 'vitest'
import { connectPatiently, startRedis } from '../../support/redis.ts'
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

test('how far Redis is with loading its file is logged until it is ready', async () => {
  // 10,000 keys at 0.6 ms each.
  const server = await startRedis(['--key-load-delay', '600'])
  onTestFinished(() => server.stop())
  const filler = connectPatiently(server.url)
  const filling = filler.pipeline()
  for (let i = 0; i < 10_000; i++) filling.set(`key:${i}`, 'x')
  await filling.exec()
  filler.disconnect()
  await server.kill()
  const isBack = server.restart()

  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const logged: unknown[] = []
  const log = (fields: unknown) => void logged.push(fields)
  const redis = connectForCommands(server.url, 'test')
  onTestFinished(() => redis.disconnect())
  logConnection(redis, { info: log, warn: log } as unknown as Logger)
  const percent = await waitFor('it to load', async () => await readLoading(redis).catch(() => null))
  expect(percent).toBeLessThan(100)
  expect(redis.status).toBe('connect')
  vi.advanceTimersByTime(5_000)
  await waitFor('the log', () => logged.some((fields) => /loadedPercent/.test(JSON.stringify(fields))))
  await isBack
  await waitFor('the connection', () => redis.status === 'ready')
  expect(await readLoading(redis)).toBeNull()
  expect(vi.getTimerCount()).toBe(0)
})
