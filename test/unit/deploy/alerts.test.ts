import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { historyEvents } from '@wsg/shared/sessions/session-history.ts'
import { sessionReasons } from '@wsg/shared/sessions/session-lifecycle.ts'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type MetricName, metricCatalogue } from '../../../gateway/src/metrics/catalogue.ts'
import { containersOf } from './faults.ts'
import { type Manifest, ofKind, ROOT, readFolder, workloadsOf } from './manifests.ts'

interface Alert {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: { summary: string; runbook: string }
}
type Rules = { groups: { rules: Alert[] }[] }

const rules = parse(readFileSync(join(ROOT, 'deploy/prometheus/alerts.yaml'), 'utf8')) as Rules
const alerts = rules.groups.flatMap((group) => group.rules)
const operations = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8')

describe('the alerts', () => {
  it('are the same with the Prometheus Operator and without', () => {
    const [operated] = ofKind<Manifest & { spec: Rules }>(readFolder('monitoring'), 'PrometheusRule')
    expect(operated?.spec).toEqual(rules)
  })

  it.each(alerts)('$alert rests on figures that the gateway has', ({ expr }) => {
    const names = metricsIn(expr)
    expect(names).not.toEqual([])
    for (const { name, suffix, labels } of names) {
      const metric = metricCatalogue[name]
      expect(metric, name).toBeDefined()
      expect(suffix !== '', `${name}${suffix}`).toBe(metric.type === 'histogram')
      const known: readonly string[] = [...metric.labels, ...(suffix === '_bucket' ? ['le'] : [])]
      for (const label of labels) expect(known, `${name}{${label}}`).toContain(label)
    }
  })

  it.each(alerts)('$alert adds up no figure that every gateway has alike', ({ expr }) => {
    const isOfFleet = metricsIn(expr).some(({ name }) => metricCatalogue[name].of === 'fleet')
    // `sum(max by …)` adds up what is different after one gateway's word was taken.
    if (isOfFleet) expect(expr.replaceAll(/sum\(max by \(\w+\)/g, '')).not.toMatch(/\b(sum|avg|count)\b/)
  })

  it.each(alerts)('$alert has a chapter in the manual, which its runbook names', ({ alert, annotations }) => {
    expect(operations).toContain(`\n### ${alert}\n`)
    expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`)
  })

  it('are all that the manual has chapters for', () => {
    const chapters = [...operations.matchAll(/^### (Wsg\w+)$/gm)].map(([, name]) => name)
    expect(chapters).toEqual(alerts.map(({ alert }) => alert))
  })

  it('know a reason only where sessions can have it', () => {
    const reasons = alerts.flatMap(({ expr }) =>
      [...expr.matchAll(/reason=~?"([^"]+)"/g)].flatMap(([, list]) => list?.split('|')),
    )
    expect(reasons.length).toBeGreaterThan(5)
    for (const reason of reasons) expect(sessionReasons).toContain(reason)
  })

  it('measure memory against the limit that a worker has', () => {
    const [container] = workloadsOf(readFolder('base'))
      .filter(({ name }) => name === 'Deployment worker')
      .flatMap(containersOf)
    const limitMib = Number(/^(\d+)Mi$/.exec(container?.resources?.limits?.memory?.toString() ?? '')?.[1])
    const { expr } = alerts.find(({ alert }) => alert === 'WsgWorkerMemoryHigh') as Alert
    expect(expr).toContain(`* ${limitMib * 1_048_576}`)
  })
})

describe('the manual of operations', () => {
  it.each(sessionReasons)('says what to do about a session with the reason %s', (reason) => {
    expect(operations).toMatch(new RegExp(`^\\| (?:\`\\w+\`, )*\`${reason}\`[,| ]`, 'm'))
  })

  it.each(historyEvents)('says what %s in a history means', (event) => {
    expect(operations).toMatch(new RegExp(`^\\| (?:\`\\w+\`, )*\`${event}\`[,| ]`, 'm'))
  })

  it('refers to figures that exist', () => {
    const named = [...operations.matchAll(/`(wsg_\w+)/g)].map(([, name]) =>
      name?.replace(/_(bucket|count|sum)$/, ''),
    )
    expect(named.length).toBeGreaterThan(5)
    for (const name of named) expect(Object.keys(metricCatalogue)).toContain(name)
  })
})

function metricsIn(expr: string): { name: MetricName; suffix: string; labels: string[] }[] {
  return [...expr.matchAll(/\b(wsg_\w+?)(_bucket|_count|_sum)?\b(?!\w)(?:\{([^}]*)\})?/g)].map(
    ([, name, suffix = '', selector = '']) => ({
      name: name as MetricName,
      suffix,
      labels: [...selector.matchAll(/(\w+)=~?"/g)].map(([, label]) => label as string),
    }),
  )
}
