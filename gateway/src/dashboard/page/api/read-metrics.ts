export interface Sample {
  labels: Readonly<Record<string, string>>
  value: number
}

/** The figures of `GET /metrics` (Prometheus' text format) by their names. */
export function readMetrics(text: string): ReadonlyMap<string, readonly Sample[]> {
  const figures = new Map<string, Sample[]>()
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (name === undefined) continue
    const samples = figures.get(name) ?? []
    samples.push({ labels: readLabels(labels), value: Number(value?.replace('Inf', 'Infinity')) })
    figures.set(name, samples)
  }
  return figures
}

function readLabels(text: string): Record<string, string> {
  const labels = text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)
  return Object.fromEntries(
    Array.from(labels, ([, name = '', value = '']) => [
      name,
      value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
    ]),
  )
}

/** The sum of a figure over all its labels; null where it is not told. */
export function total(figures: ReadonlyMap<string, readonly Sample[]>, name: string): number | null {
  const samples = figures.get(name)
  return samples === undefined ? null : samples.reduce((sum, { value }) => sum + value, 0)
}

/**
 * The value below which a share of a histogram's observations lies: between the bounds of the bucket that holds it, as if
 * they were evenly spread there. Null where there is none; the last finite bound where it lies beyond.
 */
export function quantile(
  figures: ReadonlyMap<string, readonly Sample[]>,
  name: string,
  share: number,
): number | null {
  const buckets = figures.get(`${name}_bucket`) ?? []
  const count = buckets.at(-1)?.value ?? 0
  if (count === 0) return null
  let [lower, below] = [0, 0]
  for (const { labels, value } of buckets) {
    const bound = Number(labels.le?.replace('+Inf', 'Infinity'))
    if (value >= share * count) {
      if (bound === Number.POSITIVE_INFINITY) return lower
      return lower + ((bound - lower) * (share * count - below)) / (value - below)
    }
    ;[lower, below] = [bound, value]
  }
  return lower
}
