import { availableParallelism, loadavg } from 'node:os'

const SAMPLE_MS = 5

/**
 * How many times longer work takes now than where a processor is free; 1 where one is. What is promised within some
 * time is promised for a machine that has the processors for it: a test multiplies the promised time by this.
 */
export function overload(): number {
  const before = process.cpuUsage()
  const began = performance.now()
  let workedMs = 0
  while (workedMs < SAMPLE_MS) {
    const { user, system } = process.cpuUsage(before)
    workedMs = (user + system) / 1_000
  }
  const waited = (performance.now() - began) / workedMs
  return Math.max(1, waited, (loadavg()[0] ?? 0) / availableParallelism())
}
