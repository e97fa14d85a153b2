export type Tally = ReadonlyMap<string, number>

/** What came between two looks. */
export function difference(after: Tally, before: Tally): Map<string, number> {
  return new Map(
    [...after]
      .map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
      .filter(([, n]) => n > 0),
  )
}

export function total(tally: Tally): number {
  return [...tally.values()].reduce((sum, count) => sum + count, 0)
}

/**
 * What each of `count` messages took, with what happens without messages in the same time left out.
 * @returns only what is more than noise
 */
export function perMessage(busy: Tally, idle: Tally, count: number): Map<string, number> {
  return new Map(
    [...busy]
      .map(([name, n]) => [name, (n - (idle.get(name) ?? 0)) / count] as const)
      .filter(([, n]) => n >= 0.005)
      .sort(([, a], [, b]) => b - a),
  )
}
