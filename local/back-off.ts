/** How long to wait before the next try after so many failures in a row (ms): nothing, 0.5 s, 1 s, 2 s, … 30 s. */
export function backOffMs(failures: number): number {
  return failures <= 1 ? 0 : Math.min(30_000, 250 * 2 ** (failures - 1))
}
