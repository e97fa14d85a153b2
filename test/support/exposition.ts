const LINE = /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y

/** As Go reads a number, which takes `Nan` too. */
const VALUE = /^([-+]?\d+(\.\d+)?(e[-+]?\d+)?|[-+]Inf|NaN)$/i

export interface ShownSample {
  name: string
  labels: Record<string, string>
  value: number
}

/** What a `/metrics` said, read as strictly as Prometheus reads it. */
export class Exposition {
  readonly samples: readonly ShownSample[]
  /** By name of the figure, as its TYPE line says. */
  readonly types = new Map<string, string>()

  /** @throws where a line is not of the text format, or a sample was not announced or is there twice */
  constructor(text: string) {
    if (!text.endsWith('\n')) throw new Error('the last line does not end')
    const samples = new Map<string, ShownSample>()
    for (const line of text.split('\n').filter(Boolean)) {
      const type = /^# TYPE (\S+) (gauge|counter|histogram|summary)$/.exec(line)
      if (type !== null) this.types.set(type[1] as string, type[2] as string)
      if (line.startsWith('#')) continue
      const sample = toSample(line)
      const figure = sample.name.replace(/_(bucket|sum|count)$/, '')
      if (!this.types.has(sample.name) && !this.types.has(figure)) throw new Error(`not announced: ${line}`)
      const key = JSON.stringify([sample.name, sample.labels])
      if (samples.has(key)) throw new Error(`there twice: ${line}`)
      samples.set(key, sample)
    }
    this.samples = [...samples.values()]
  }

  /** The sum of the samples that carry these labels, undefined where there is none. */
  value(name: string, labels: Record<string, string> = {}): number | undefined {
    const found = this.samples.filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    )
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0)
  }
}

function toSample(line: string): ShownSample {
  const { name, labels = '', value = '' } = LINE.exec(line)?.groups ?? {}
  if (name === undefined || !VALUE.test(value)) throw new Error(`unreadable: ${line}`)
  const found: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < labels.length) {
    const [, label, text] = LABEL.exec(labels) ?? []
    if (label === undefined || text === undefined) throw new Error(`unreadable labels: ${line}`)
    found[label] = text
  }
  return { name, labels: found, value: Number(value.replace('Inf', 'Infinity')) }
}
