import { type MetricName, metricCatalogue } from './catalogue.ts'

export interface Sample {
  labels?: Readonly<Record<string, string>>
  value: number
  /** `_bucket`, `_sum` or `_count`: what a histogram consists of. */
  suffix?: '_bucket' | '_sum' | '_count'
}

/** Figures with values of their own, which no client library counted, as Prometheus' text format has them. */
export function expose(figures: Partial<Record<MetricName, readonly Sample[]>>): string {
  return Object.entries(figures)
    .map(([name, samples]) => {
      const { help, type } = metricCatalogue[name as MetricName]
      const lines = samples.map(
        ({ labels = {}, value, suffix = '' }) => `${name}${suffix}${labelText(labels)} ${value}`,
      )
      return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n')
    })
    .join('\n')
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return parts.length === 0 ? '' : `{${parts.join(',')}}`
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
}
