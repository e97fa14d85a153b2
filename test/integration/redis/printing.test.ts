import { expect, onTestFinished, test, vi } from 'vitest'
import { startRedis } from '../../support/redis.ts'
import { FleetUnderTest } from './fleet-under-test.ts'

test('nothing is printed past the log where Redis may evict messages', async () => {
  const server = await startRedis(['--maxmemory-policy', 'allkeys-lru'])
  onTestFinished(() => server.stop())
  const printed = vi.spyOn(console, 'warn')
  onTestFinished(() => printed.mockRestore())
  const fleet = await FleetUnderTest.start({ REDIS_URL: server.url, REDIS_EVICTION: 'allow' }, ['shop'])
  onTestFinished(() => fleet.stop())
  expect((await fleet.gateway.send('shop')).status).toBe(200)
  expect(printed.mock.calls).toEqual([])
})
