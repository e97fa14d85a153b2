const LOOK_EVERY_MS = 10
/** Nothing that is promised within some time keeps a process from its next turn for so long. */
const STANDSTILL_MS = 300

/**
 * Measures what is promised within some time, without the time in which this process stood still: a machine that is shared
 * may stop it for a second or two, wherever it is.
 * @returns stops it, and says how many ms have passed
 */
export function stopwatch(): () => number {
  let lookedAt = performance.now()
  let passedMs = 0
  const look = () => {
    const sinceMs = performance.now() - lookedAt
    lookedAt += sinceMs
    if (sinceMs < STANDSTILL_MS) passedMs += sinceMs
  }
  const looks = setInterval(look, LOOK_EVERY_MS).unref()
  return () => {
    clearInterval(looks)
    look()
    return passedMs
  }
}
