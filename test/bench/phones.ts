/** The number of the n-th phone that is scanned with. */
export function phone(n: number): string {
  return `4915101${String(n).padStart(6, '0')}`
}

/** `count` numbers of people to write to. */
export function customers(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `4915202${String(n).padStart(6, '0')}`)
}
