import { RECYCLE_IDLE_SHARE } from '@wsg/shared/sessions/memory-shares.ts'

/** One measurement costs 5 ms of one core: 0.25 % of it where the limit is near, 0.05 % where it is not. */
const SHORTEST_MS = 2_000
const LONGEST_MS = 10_000
/** A page that grows faster is caught late, and killed instead of replaced. */
const GROWTH_MB_PER_SECOND = 10

/** When to measure next, in ms: before a page that grows fast could have come to where something is done about it. */
export function measureAgainAfterMs(memoryMb: number | null, limitMb: number | null): number {
  if (memoryMb === null || limitMb === null) return LONGEST_MS
  const roomMb = limitMb * RECYCLE_IDLE_SHARE - memoryMb
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (roomMb / GROWTH_MB_PER_SECOND) * 1_000))
}
