/**
 * Which of the types that an address offers a caller likes best, by the weights of `Accept` and then its order. The
 * first one offered where it names none of them, or anything (`any`).
 */
export function preferredType<T extends string>(
  accept: string | undefined,
  offered: readonly [T, ...T[]],
): T {
  const wanted = (accept ?? '')
    .split(',')
    .map((entry) => {
      const [type = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase())
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1'
      return { type, weight: Number(weight) }
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
  for (const { type } of wanted) {
    if (type === '*/*') return offered[0]
    const found = offered.find((one) => one === type || type === `${one.split('/')[0]}/*`)
    if (found !== undefined) return found
  }
  return offered[0]
}
