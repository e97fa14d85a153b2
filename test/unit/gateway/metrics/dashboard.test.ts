import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type MetricName, metricCatalogue } from '@wsg/gateway/src/metrics/catalogue.ts'
import { historyEvents } from '@wsg/shared/sessions/session-history.ts'
import { sessionStatuses } from '@wsg/shared/sessions/session-lifecycle.ts'
import { expect, it } from 'vitest'

interface Panel {
  id: number
  title: string
  gridPos: { x: number; y: number; w: number; h: number }
  targets?: { expr: string }[]
}

const FILE = join(import.meta.dirname, '../../../../deploy/grafana/whatsapp-sessions.json')
const { panels } = JSON.parse(readFileSync(FILE, 'utf8')) as { panels: Panel[] }
const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))

const figuresOf = (expression: string) =>
  [...expression.matchAll(/wsg_[a-z_]+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''))

it('the dashboard shows figures of the catalogue, each of them somewhere', () => {
  const shown = new Set(expressions.flatMap(figuresOf))
  expect([...shown].toSorted()).toEqual(Object.keys(metricCatalogue).toSorted())
})

it('the dashboard asks for labels and values that there are', () => {
  for (const expression of expressions) {
    for (const [, name = '', labels = ''] of expression.matchAll(/(wsg_[a-z_]+)\{([^}]*)\}/g)) {
      const figure = metricCatalogue[name.replace(/_(bucket|sum|count)$/, '') as MetricName]
      const asked = [...labels.matchAll(/([a-z]+)[=!]~?"/g)].map(([, label]) => label)
      for (const label of asked) expect(['job', ...figure.labels]).toContain(label)
    }
    for (const [, state] of expression.matchAll(/state="([^"]+)"/g)) expect(sessionStatuses).toContain(state)
    for (const [, event] of expression.matchAll(/event="([^"]+)"/g)) expect(historyEvents).toContain(event)
  }
})

it('the dashboard never adds up over gateways what every gateway says of the whole fleet', () => {
  for (const expression of expressions) {
    const isOfFleet = figuresOf(expression).some((name) => metricCatalogue[name as MetricName].of === 'fleet')
    if (isOfFleet)
      expect(expression).toMatch(/^(sum\(|quantile\([\d.]+, |histogram_quantile\([\d.]+, )?max[ (]/)
  }
})

it('the panels of the dashboard do not lie on one another', () => {
  for (const [i, { gridPos: one, title }] of panels.entries()) {
    for (const { gridPos: other } of panels.slice(i + 1)) {
      const apart =
        one.x + one.w <= other.x ||
        other.x + other.w <= one.x ||
        one.y + one.h <= other.y ||
        other.y + other.h <= one.y
      expect([title, apart]).toEqual([title, true])
    }
  }
})
