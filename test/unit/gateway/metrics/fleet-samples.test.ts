import { type FleetReading, toFleetSamples } from '@wsg/gateway/src/metrics/fleet-samples.ts'
import { figures, sendLatencyBoundsMs } from '@wsg/shared/redis/worker/fleet-figures.ts'
import { expect, it } from 'vitest'

const reading = (counted: Record<string, string>): FleetReading => ({
  snapshot: {
    sessions: [],
    pages: [{ page: '2.3000.1', isComplete: false, count: 2 }],
    restricted: { new_chat_cap: 3 },
    degraded: 0,
    owned: 0,
    waitingForWorker: 0,
    messages: { queued: 0, sending: 0 },
    oldestQueuedMs: 1_500,
  },
  workers: { total: 1, idle: 0, memory: [{ workerId: 'w1', memoryMb: 2 }] },
  desired: 0,
  webhooks: [
    { scope: 'shop', name: 'crm', lagMs: 400_000, retrying: 0 },
    { scope: '*', name: 'log', lagMs: 1_500, retrying: 2 },
    { scope: 'shop', name: 'other', lagMs: 500, retrying: 0 },
  ],
  counted,
  tookMs: 12,
})

it('says 0 of what never happened, so that the first time is a change', () => {
  const samples = toFleetSamples(reading({}))
  expect(samples.wsg_takeovers_total).toEqual([
    { labels: { kind: 'certain' }, value: 0 },
    { labels: { kind: 'lapsed' }, value: 0 },
  ])
  expect(samples.wsg_messages_settled_total?.map(({ labels, value }) => [labels?.outcome, value])).toEqual([
    ['sent', 0],
    ['failed', 0],
    ['canceled', 0],
    ['expired', 0],
    ['unknown', 0],
  ])
  expect(samples.wsg_send_latency_seconds).toHaveLength(sendLatencyBoundsMs.length + 3)
})

it('counts in every bucket of the send latency all that was faster', () => {
  const samples = toFleetSamples(
    reading({
      [figures.ackedWithin(10)]: '1',
      [figures.ackedWithin(250)]: '3',
      [figures.ackedWithin('more')]: '2',
      [figures.ackedAfterMs]: '7200500',
    }),
  )
  const latency = samples.wsg_send_latency_seconds ?? []
  const upTo = (le: string) => latency.find(({ labels }) => labels?.le === le)?.value
  expect(['0.01', '0.1', '0.25', '3600', '+Inf'].map(upTo)).toEqual([1, 1, 4, 4, 6])
  expect(latency.filter(({ suffix }) => suffix !== '_bucket')).toEqual([
    { suffix: '_sum', value: 7200.5 },
    { suffix: '_count', value: 6 },
  ])
  expect(samples.wsg_messages_settled_total?.[0]).toEqual({ labels: { outcome: 'sent' }, value: 6 })
})

it('gives seconds and bytes', () => {
  const samples = toFleetSamples(reading({}))
  expect(samples.wsg_messages_waiting_oldest_age_seconds).toEqual([{ value: 1.5 }])
  expect(samples.wsg_fleet_read_seconds).toEqual([{ value: 0.012 }])
  expect(samples.wsg_worker_memory_bytes).toEqual([{ labels: { worker: 'w1' }, value: 2_097_152 }])
})

it('says how far behind each webhook is that is, the furthest first, and how many are to be worried about', () => {
  const samples = toFleetSamples(reading({ [figures.failedAttempts]: '7' }))
  expect(samples.wsg_webhook_lag_seconds).toEqual([
    { labels: { session: 'shop', webhook: 'crm' }, value: 400 },
    { labels: { session: '*', webhook: 'log' }, value: 1.5 },
    { labels: { session: 'shop', webhook: 'other' }, value: 0.5 },
  ])
  expect(samples.wsg_webhook_retrying).toEqual([{ labels: { session: '*', webhook: 'log' }, value: 2 }])
  expect(samples.wsg_webhooks_behind).toEqual([{ value: 2 }])
  expect(samples.wsg_webhook_attempts_failed_total).toEqual([{ value: 7 }])
})
