import { loadavg } from 'node:os'

/** The value in the middle; the mean of both where there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
}

/** The smallest value that so much of all (0 to 1) does not exceed. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN
}

/** "1.31 (1.28–1.40)": how far the rounds lay apart. */
export function spread(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)} over ${values.length} rounds`
}

export function perSecond(rate: number): string {
  return `${rate.toFixed(0)}/s`
}

/** How busy the machine was in the last minute. */
export function loadNow(): number {
  return loadavg()[0] as number
}

/**
 * Measures two sides in turn, the first one changing each round, so that what else the machine does hits both.
 * @returns of each side one value a round
 */
export async function alternate(
  rounds: number,
  ours: (round: number) => Promise<number>,
  theirs: (round: number) => Promise<number>,
): Promise<{ ours: number[]; theirs: number[]; ratios: number[] }> {
  const measured = { ours: [] as number[], theirs: [] as number[], ratios: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    let first = 0
    if (round % 2 === 0) first = await ours(round)
    const other = await theirs(round)
    const own = round % 2 === 0 ? first : await ours(round)
    measured.ours.push(own)
    measured.theirs.push(other)
    measured.ratios.push(own / other)
  }
  return measured
}
