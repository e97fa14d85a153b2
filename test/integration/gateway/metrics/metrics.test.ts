import { metricCatalogue } from '@wsg/gateway/src/metrics/catalogue.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { describe, expect, test } from 'vitest'
import { overload } from '../../../support/overload.ts'
import { sha256 } from '../../../support/sha256.ts'
import { stopwatch } from '../../../support/stopwatch.ts'
import { waitFor } from '../../../support/wait-for.ts'
import type { GatewayUnderTest } from '../gateway-under-test.ts'
import { metricsGround, scrape } from './metrics-ground.ts'

const ground = metricsGround()

test('names no session, number, text or token, whatever was asked for', async () => {
  const gateway = await ground.start()
  const worker = await ground.ready('a-secret-client')
  worker.takeSends()
  const sent = await gateway.send('a-secret-client', { message: 'private words' })
  expect(sent.status).toBe(200)
  await gateway.get(`/messages/${sent.body.id}`, 'a-secret-client')
  await gateway.get('/messages/5511999887766', 'a-secret-client')
  await gateway.get('/a-secret-client')
  await gateway.get('/status?of=a-secret-client', 'a-secret-client')
  const { body } = await gateway.get('/metrics')
  expect(body).toContain('wsg_sessions{state="ready",reason="connected"} 1')
  for (const secret of ['a-secret-client', '5511999887766', 'private', 'token-of-the-tests', sent.body.id])
    expect(body).not.toContain(secret)
})

test('shows what the catalogue names, and no other figure of ours', async () => {
  await ground.makeSessions()
  const worker = await ground.ready('on-a-page')
  await worker.publish('ready', 'connected', { page: '2.3000.1' })
  await ground.client.zadd(keys.workers, '+inf', 'w1')
  await ground.client.zadd(keys.workerMemory, 180, 'w1')
  await ground.client.zadd(keys.webhooksDue, Date.now() + 60_000, 'shop/crm')
  await ground.client.zadd(keys.deliveries('shop', 'crm', 'pending'), Date.now() - 400_000, 'shop/0-1/evt_1/')
  await ground.client.zadd(keys.deliveries('shop', 'crm', 'retrying'), Date.now(), 'shop/0-2/evt_2/')
  const gateway = await ground.start()
  await gateway.get('/health')
  const metrics = await scrape(gateway)
  const ours = [...metrics.types].filter(([name]) => name.startsWith('wsg_'))
  expect(Object.fromEntries(ours)).toEqual(
    Object.fromEntries(Object.entries(metricCatalogue).map(([name, { type }]) => [name, type])),
  )
  for (const [name, { labels }] of Object.entries(metricCatalogue)) {
    const samples = metrics.samples.filter((one) => one.name.replace(/_(bucket|sum|count)$/, '') === name)
    expect(samples.length, name).toBeGreaterThan(0)
    for (const sample of samples)
      expect(Object.keys(sample.labels).filter((label) => label !== 'le')).toEqual([...labels])
  }
  expect(metrics.value('process_cpu_seconds_total')).toBeGreaterThan(0)
  expect(metrics.value('nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0)
})

test('counts requests by pattern, and all addresses that do not exist as one', async () => {
  const gateway = await ground.start()
  await ground.ready('shop')
  for (const id of ['a', 'b', 'c']) await gateway.get(`/messages/${id}`, 'shop')
  for (const path of ['/x', '/y/z', '/messages/a/b']) await gateway.get(path)
  await gateway.ask('GET', '/health', { token: null })
  const metrics = await scrape(gateway)
  const count = (labels: Record<string, string>) =>
    metrics.value('wsg_http_request_duration_seconds_count', labels)
  expect(count({ route: '/messages/:id', method: 'GET', status: '404' })).toBe(3)
  expect(count({ route: 'unknown', status: '404' })).toBe(3)
  expect(count({ route: '/health', status: '401' })).toBe(1)
})

describe('without Redis', () => {
  async function expectOwnFiguresOnly(gateway: GatewayUnderTest, withinMs: number): Promise<void> {
    const tookMs = stopwatch()
    const metrics = await scrape(gateway)
    expect(tookMs()).toBeLessThan(withinMs * overload())
    expect(metrics.value('wsg_redis_up')).toBe(0)
    expect(metrics.value('process_cpu_seconds_total')).toBeGreaterThan(0)
    expect(metrics.value('wsg_http_request_duration_seconds_count')).toBeGreaterThan(0)
    for (const [name, { of }] of Object.entries(metricCatalogue))
      if (of === 'fleet') expect([name, metrics.types.has(name)]).toEqual([name, false])
  }

  test('the gateway still tells of itself at once, and nothing of the fleet that it read before', async () => {
    const gateway = await ground.start()
    expect((await scrape(gateway)).value('wsg_redis_up')).toBe(1)
    await ground.redis.kill()
    await waitFor('the gateway to notice', async () => (await gateway.get('/readyz')).status === 503)
    await expectOwnFiguresOnly(gateway, 500)
    await ground.redis.restart()
    await waitFor('Redis to be back', async () => (await scrape(gateway)).value('wsg_redis_up') === 1)
    expect((await scrape(gateway)).value('wsg_sessions_desired')).toBe(0)
  })

  test('it does so within two seconds while Redis hangs', async () => {
    const gateway = await ground.start()
    await scrape(gateway)
    ground.redis.pause()
    try {
      await expectOwnFiguresOnly(gateway, 2_000)
    } finally {
      ground.redis.resume()
    }
    await waitFor('Redis to be back', async () => (await scrape(gateway)).value('wsg_redis_up') === 1)
  })
})

describe('who may read it', () => {
  const API_TOKENS = JSON.stringify([
    { name: 'screen', sha256: sha256('viewer-token'), role: 'viewer' },
    { name: 'shop', sha256: sha256('shop-token'), role: 'admin', sessions: ['shop'] },
  ])
  const statusFor = async (gateway: GatewayUnderTest, token: string | null) =>
    (await gateway.ask('GET', '/metrics', { token })).status

  test('with METRICS=on everybody who reaches the port, and nobody is told of a single worker or webhook', async () => {
    await ground.client.zadd(keys.workers, '+inf', 'worker-one')
    await ground.client.zadd(keys.workerMemory, 180, 'worker-one')
    await ground.client.zadd(keys.webhooksDue, Date.now() + 60_000, 'shop/webhook-one')
    await ground.client.zadd(
      keys.deliveries('shop', 'webhook-one', 'pending'),
      Date.now() - 400_000,
      'shop/0-1/evt_1/',
    )
    const gateway = await ground.start({ API_TOKENS, METRICS: 'on' })
    for (const token of [null, 'wrong']) {
      const { status, body } = await gateway.ask('GET', '/metrics', { token })
      expect([status, body]).toEqual([200, expect.stringContaining('wsg_workers 1')])
      expect(body).not.toMatch(/worker-one|webhook-one/)
      expect(body).toContain('wsg_webhooks_behind 1')
    }
  })

  test('only who has a token for all sessions, unless it is said otherwise', async () => {
    const gateway = await ground.start({ API_TOKENS })
    expect(await statusFor(gateway, null)).toBe(401)
    expect(await statusFor(gateway, 'wrong')).toBe(401)
    expect(await statusFor(gateway, 'shop-token')).toBe(403)
    expect(await statusFor(gateway, 'viewer-token')).toBe(200)
  })

  test('with METRICS=off nobody', async () => {
    const gateway = await ground.start({ API_TOKENS, METRICS: 'off' })
    expect(await statusFor(gateway, 'viewer-token')).toBe(404)
    await expect(ground.start({ METRICS: 'yes' })).rejects.toThrow('METRICS: must be on, token or off')
  })
})
