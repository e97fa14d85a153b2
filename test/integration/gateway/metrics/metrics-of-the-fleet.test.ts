import { metricCatalogue } from '@wsg/gateway/src/metrics/catalogue.ts'
import { FleetReader } from '@wsg/gateway/src/metrics/fleet-reader.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { moveMessage } from '@wsg/shared/redis/message/move-message.ts'
import { readFleetSnapshot } from '@wsg/shared/redis/worker/fleet-snapshot.ts'
import { describe, expect, test, vi } from 'vitest'
import type { Exposition } from '../../../support/exposition.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { metricsGround, scrape } from './metrics-ground.ts'

const ground = metricsGround()

test('counts the sessions by state and reason as callers are shown them', async () => {
  await ground.makeSessions()
  const gateway = await ground.start()
  const { body } = await gateway.get('/sessions')
  const shown = new Map<string, number>()
  for (const { status, reason } of body.items as { status: string; reason: string }[])
    shown.set(`${status} ${reason}`, (shown.get(`${status} ${reason}`) ?? 0) + 1)
  const metrics = await scrape(gateway)
  const counted = metrics.samples
    .filter(({ name }) => name === 'wsg_sessions')
    .map(({ labels, value }) => [`${labels.state} ${labels.reason}`, value] as const)
  expect(counted.toSorted()).toEqual([...shown].toSorted())
  expect(shown.size).toBeGreaterThanOrEqual(8)
  expect(metrics.value('wsg_sessions_desired')).toBe(8)
  expect(metrics.value('wsg_sessions_owned')).toBe(5)
  expect(metrics.value('wsg_sessions_waiting_for_worker')).toBe(2)
})

test('counts the sessions that run by their page, and whether it has what is used', async () => {
  for (const [session, pageMissing] of [
    ['a', ''],
    ['b', ''],
    ['c', '[{}]'],
    ['gone', ''],
  ] as const) {
    const worker = await ground.ready(session)
    await worker.publish('ready', 'connected', { page: '2.3000.1', pageMissing })
    if (session === 'gone') await worker.die()
  }
  const metrics = await scrape(await ground.start())
  expect(metrics.value('wsg_sessions_on_page', { page: '2.3000.1', complete: 'yes' })).toBe(2)
  expect(metrics.value('wsg_sessions_on_page', { page: '2.3000.1', complete: 'no' })).toBe(1)
})

test('counts every session once, however many calls it takes', async () => {
  for (const count of [99, 100, 250]) {
    await ground.client.flushall()
    for (let i = 0; i < count; i++) await ground.want(`s${i}`)
    const snapshot = await readFleetSnapshot(ground.client)
    expect(snapshot.sessions).toEqual([{ status: 'initializing', reason: 'waiting_for_worker', count }])
    expect(snapshot.waitingForWorker).toBe(count)
  }
})

test('counts the living workers, the idle ones, and the memory of those that live', async () => {
  const now = Date.now()
  await ground.client.zadd(keys.workers, now + 60_000, 'w1', now + 60_000, 'w2', now - 1, 'dead')
  await ground.client.zadd(keys.idleWorkers, now + 60_000, 'w2', now - 1, 'dead')
  await ground.client.zadd(keys.workerMemory, 180, 'w1', 45, 'w2', 200, 'dead')
  const metrics = await scrape(await ground.start())
  expect(metrics.value('wsg_workers')).toBe(2)
  expect(metrics.value('wsg_workers_idle')).toBe(1)
  const memory = metrics.samples.filter(({ name }) => name === 'wsg_worker_memory_bytes')
  expect(memory.map(({ labels, value }) => [labels.worker, value / 1_048_576])).toEqual([
    ['w2', 45],
    ['w1', 180],
  ])
})

describe('messages', () => {
  const ids = async (sessionId: string) => await ground.client.zrange(keys.queued(sessionId), 0, '-1')
  /** A reading of its own: the gateway's may be some seconds old. */
  const fleet = async () => scrape(await ground.start())

  test('are counted when they are accepted, once for all repeats, and where they are since', async () => {
    const gateway = await ground.start()
    await ground.ready('shop')
    const key = { 'idempotency-key': 'one' }
    for (let i = 0; i < 3; i++) expect((await gateway.send('shop', {}, key, '?wait=none')).status).toBe(202)
    await gateway.send('shop', {}, {}, '?wait=none')
    const [first = ''] = await ids('shop')
    await ground.client.hincrby(keys.message('shop', first), 'acceptedAt', -90_000)
    let metrics = await fleet()
    expect(metrics.value('wsg_messages_accepted_total')).toBe(2)
    expect(metrics.value('wsg_messages_waiting')).toBe(2)
    expect(metrics.value('wsg_messages_sending')).toBe(0)
    expect(metrics.value('wsg_messages_waiting_oldest_age_seconds')).toBeGreaterThanOrEqual(90)
    expect(metrics.value('wsg_messages_waiting_oldest_age_seconds')).toBeLessThan(120)
    // One that was scheduled waits since it is due.
    await ground.client.hset(keys.message('shop', first), 'sendAt', Date.now() - 30_000)
    metrics = await fleet()
    expect(metrics.value('wsg_messages_waiting_oldest_age_seconds')).toBeGreaterThanOrEqual(30)
    expect(metrics.value('wsg_messages_waiting_oldest_age_seconds')).toBeLessThan(60)
    await ground.client.hdel(keys.message('shop', first), 'sendAt')
    await moveMessage(ground.client, {
      sessionId: 'shop',
      messageId: first,
      to: 'sending',
      retentionMs: 60_000,
    })
    metrics = await fleet()
    expect(metrics.value('wsg_messages_waiting')).toBe(1)
    expect(metrics.value('wsg_messages_sending')).toBe(1)
    expect(metrics.value('wsg_messages_waiting_oldest_age_seconds')).toBeLessThan(60)
  })

  test('are counted once by what became of them, however many acks come', async () => {
    const gateway = await ground.start()
    await ground.ready('shop')
    for (let i = 0; i < 6; i++) await gateway.send('shop', {}, {}, '?wait=none')
    const [sent = '', failed = '', canceled = '', expired = '', unknown = ''] = await ids('shop')
    const move = (messageId: string, to: Parameters<typeof moveMessage>[1]['to']) =>
      moveMessage(ground.client, { sessionId: 'shop', messageId, to, retentionMs: 60_000 })
    await ground.client.hincrby(keys.message('shop', sent), 'acceptedAt', -20_000)
    for (const to of ['sending', 'sent', 'sent', 'delivered', 'read', 'played'] as const) await move(sent, to)
    for (const to of ['sending', 'queued', 'sending', 'failed', 'failed'] as const) await move(failed, to)
    await move(canceled, 'canceled')
    await ground.client.hset(keys.message('shop', expired), 'expiresAt', '1')
    expect(await move(expired, 'sending')).toMatchObject({ to: 'expired' })
    for (const to of ['sending', 'unknown'] as const) await move(unknown, to)
    const metrics = await fleet()
    for (const outcome of ['sent', 'failed', 'canceled', 'expired', 'unknown'])
      expect([outcome, metrics.value('wsg_messages_settled_total', { outcome })]).toEqual([outcome, 1])
    expect(metrics.value('wsg_send_latency_seconds_count')).toBe(1)
    expect(metrics.value('wsg_send_latency_seconds_bucket', { le: '10' })).toBe(0)
    expect(metrics.value('wsg_send_latency_seconds_bucket', { le: '30' })).toBe(1)
    expect(metrics.value('wsg_send_latency_seconds_sum')).toBeGreaterThanOrEqual(20)
    expect(metrics.value('wsg_send_latency_seconds_sum')).toBeLessThan(30)
  })

  test('accepted by a clock that was ahead do not take less than no time', async () => {
    const gateway = await ground.start()
    const worker = await ground.ready('shop')
    await gateway.send('shop', {}, {}, '?wait=none')
    const [messageId = ''] = await ids('shop')
    await ground.client.hincrby(keys.message('shop', messageId), 'acceptedAt', 60_000)
    worker.takeSends()
    await waitFor('the ack', async () => (await ground.client.zcard(keys.queued('shop'))) === 0)
    await waitFor('the count', async () => await ground.client.hget(keys.figures, 'acked-after-ms'))
    const metrics = await fleet()
    expect(metrics.value('wsg_send_latency_seconds_sum')).toBe(0)
    expect(metrics.value('wsg_send_latency_seconds_bucket', { le: '0.01' })).toBe(1)
  })
})

test('counts takeovers by how sure the death of the owner was', async () => {
  const worker = await ground.ready('shop')
  await worker.die()
  await ground.own('shop')
  const metrics = await scrape(await ground.start())
  expect(metrics.value('wsg_takeovers_total', { kind: 'lapsed' })).toBe(1)
  expect(metrics.value('wsg_takeovers_total', { kind: 'certain' })).toBe(0)
  expect(metrics.value('wsg_session_events_total', { event: 'worker_died' })).toBe(1)
})

test('counts hand-overs and faults of sessions by kind, and none that a fenced owner reports', async () => {
  for (const [sessionId, event] of [
    ['s1', 'handed_over'],
    ['s2', 'handed_over'],
    ['s3', 'page_crashed'],
  ] as const) {
    const worker = await ground.ready(sessionId)
    const end = { happened: { event }, release: true }
    await worker.publish('initializing', 'reconnecting', {}, end)
    await expect(worker.publish('initializing', 'reconnecting', {}, end)).rejects.toThrow('fenced')
  }
  const metrics = await scrape(await ground.start())
  const count = (event: string) => metrics.value('wsg_session_events_total', { event })
  expect(['handed_over', 'page_crashed', 'worker_died'].map(count)).toEqual([2, 1, 0])
})

test('is the same at every gateway', async () => {
  await ground.makeSessions()
  const [one, other] = [await scrape(await ground.start()), await scrape(await ground.start())]
  for (const [name, { of }] of Object.entries(metricCatalogue)) {
    if (of !== 'fleet') continue
    const samples = ({ samples }: Exposition) => samples.filter((sample) => sample.name.startsWith(name))
    expect(samples(other)).toEqual(samples(one))
  }
})

test('reads the fleet once for all who ask within seconds', async () => {
  const reader = new FleetReader(ground.client)
  const reads = vi.spyOn(ground.client, 'hgetall')
  const readings = await Promise.all(Array.from({ length: 10 }, () => reader.read()))
  expect(await reader.read()).toBe(readings[0])
  expect(reads).toHaveBeenCalledTimes(1)
  reads.mockRestore()
})
