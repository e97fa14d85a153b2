/**
 * Waits until a promise is settled, for `timeoutMs` at most; a failure is not passed on.
 * @returns false where it was not settled by then
 */
export async function within(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const { promise: timedOut, resolve } = Promise.withResolvers<false>()
  const timer = setTimeout(resolve, timeoutMs, false)
  const settled = promise.then(
    () => true,
    () => true,
  )
  const inTime = await Promise.race([settled, timedOut])
  clearTimeout(timer)
  return inTime
}
