import { isPrivate, type MetricName, metricCatalogue } from '@wsg/gateway/src/metrics/catalogue.ts'
import { expect, it } from 'vitest'

it("names every figure by Prometheus' conventions, with one sentence on it", () => {
  for (const [name, { type, labels, help }] of Object.entries(metricCatalogue)) {
    expect(name).toMatch(/^wsg_[a-z_]+$/)
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
    if (/_(age|duration|latency|memory)(_|$)/.test(name)) expect(name).toMatch(/_(seconds|bytes)$/)
    expect(help).toMatch(/^[A-Z].*\.$/)
    for (const label of labels) expect(label).toMatch(/^[a-z]+$/)
  }
})

it('has no label that could name a number or a message, and tells nobody without a token of a session, webhook or worker', () => {
  const metrics = Object.entries(metricCatalogue).filter(([name]) => !isPrivate(name as MetricName))
  const labels = new Set<string>(metrics.flatMap(([, metric]) => [...metric.labels]))
  expect([...labels].toSorted()).toEqual(
    [
      'complete',
      'event',
      'kind',
      'method',
      'outcome',
      'page',
      'reason',
      'route',
      'state',
      'status',
    ].toSorted(),
  )
  const names = new Set<string>(Object.values(metricCatalogue).flatMap((metric) => [...metric.labels]))
  expect([...names].filter((name) => !labels.has(name)).toSorted()).toEqual(['session', 'webhook', 'worker'])
})
