import { loadavg } from 'node:os'

/** The value in the middle; the mean of both where there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
}

/** "1.23 s" of ms. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`
}

/** How busy the machine was: figures of a busy one say little. */
export function loadNow(): string {
  return loadavg()
    .map((load) => load.toFixed(2))
    .join(' ')
}
