import { quantile, readMetrics, total } from '@wsg/gateway/src/dashboard/page/api/read-metrics.ts'
import { toPoints } from '@wsg/gateway/src/dashboard/page/components/sparkline.ts'
import { ratesOf } from '@wsg/gateway/src/dashboard/page/pages/fleet.ts'
import { expose } from '@wsg/gateway/src/metrics/exposition.ts'
import { expect, it } from 'vitest'

it('reads figures as the gateway writes them, whatever is in a label', () => {
  const page = 'a "quoted" \\ back\nslash}'
  const figures = readMetrics(
    expose({
      wsg_sessions_on_page: [
        { labels: { page, complete: 'no' }, value: 2 },
        { labels: { page: '2.3000', complete: 'yes' }, value: 3 },
      ],
      wsg_workers: [{ value: 1.5 }],
    }),
  )
  expect(figures.get('wsg_sessions_on_page')?.[0]).toEqual({ labels: { page, complete: 'no' }, value: 2 })
  expect([total(figures, 'wsg_sessions_on_page'), total(figures, 'wsg_workers')]).toEqual([5, 1.5])
  expect(total(figures, 'unheard_of')).toBeNull()
})

const histogram = (counts: readonly number[]) =>
  readMetrics(
    expose({
      wsg_send_latency_seconds: ['0.1', '0.5', '+Inf'].map((le, i) => ({
        suffix: '_bucket',
        labels: { le },
        value: counts[i] ?? 0,
      })),
    }),
  )

it('tells within which time a share of the messages went', () => {
  expect(quantile(histogram([50, 100, 100]), 'wsg_send_latency_seconds', 0.5)).toBeCloseTo(0.1)
  expect(quantile(histogram([50, 100, 100]), 'wsg_send_latency_seconds', 0.75)).toBeCloseTo(0.3)
  expect(quantile(histogram([0, 0, 10]), 'wsg_send_latency_seconds', 0.5)).toBe(0.5)
  expect(quantile(histogram([0, 0, 0]), 'wsg_send_latency_seconds', 0.5)).toBeNull()
})

it('shows by how much a counter grew a minute, and nothing where it began anew', () => {
  const reading = (at: number, value: number) => ({
    at,
    figures: readMetrics(expose({ wsg_messages_accepted_total: [{ value }] })),
  })
  const readings = [reading(0, 10), reading(30_000, 20), reading(60_000, 5)]
  expect(ratesOf(readings, 'wsg_messages_accepted_total')).toEqual([20, 0])
})

it('draws 0 at the bottom and the highest at the top', () => {
  expect(toPoints([0, 5, 10], 100, 24)).toBe('0.0,22.0 50.0,12.0 100.0,2.0')
})
