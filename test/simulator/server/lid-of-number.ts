/**
 * Every number has one LID, and no table is needed to find either: LIDs are the fifteen-digit numbers, permuted.
 * The real server assigns them at random.
 */
const SPACE = 10n ** 15n
const FACTOR = 741_852_963_258_147n
const SHIFT = 271_828_182_845_904n

/** Inverse of FACTOR modulo SPACE, by the extended Euclidean algorithm. */
const INVERSE = (() => {
  let [oldRest, rest] = [FACTOR, SPACE]
  let [oldCoefficient, coefficient] = [1n, 0n]
  while (rest !== 0n) {
    const quotient = oldRest / rest
    ;[oldRest, rest] = [rest, oldRest - quotient * rest]
    ;[oldCoefficient, coefficient] = [coefficient, oldCoefficient - quotient * coefficient]
  }
  return ((oldCoefficient % SPACE) + SPACE) % SPACE
})()

/** The LID's digits for a phone number's digits. */
export function lidOfNumber(number: string): string {
  return String((BigInt(number) * FACTOR + SHIFT) % SPACE).padStart(15, '0')
}

/** The phone number's digits for a LID's digits. */
export function numberOfLid(lid: string): string {
  return String((((BigInt(lid) - SHIFT + SPACE) % SPACE) * INVERSE) % SPACE)
}
