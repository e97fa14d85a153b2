import { RECYCLE_IDLE_SHARE, RECYCLE_NOW_SHARE } from '@wsg/shared/sessions/memory-shares.ts'

/** Memory is let go of, and a browser replaced for its size, only where nothing was being sent for so long. */
const IDLE_FOR_MS = 3_000
/** What a session grows by before it lets go of memory again. */
const LET_GO_PER_MB = 10
/** And where that gives something back: it has grown by this share of the limit since it became ready. */
const WORTHWHILE_SHARE = 0.1

export interface MemoryFacts {
  memoryMb: number
  limitMb: number | null
  /** It can send, or could until it lost its connection. Before, it may be at a peak that passes when it has synced. */
  wasReady: boolean
  /** What was left when it let go of memory last; null where it has not since it became ready. */
  leftMb: number | null
  /** The least that was measured since it became ready; null before. */
  leastMb: number | null
  /** How long nothing has waited or been in flight; 0 while something is. */
  idleMs: number
  /** The browser before this one was replaced for its size, and this one has not been steady yet. */
  recycledBefore: boolean
}

/**
 * - `let_go`: it is at rest, and may hold memory that it needs no more.
 * - `recycle`: close the browser cleanly between two sends and start another.
 * - `recycle_again`: the same, but one that follows another so soon is counted and backs off, so that a session which
 *   is too large from its start does not go round for ever.
 * - `kill`: it is over the limit.
 */
export type MemoryVerdict = 'fine' | 'let_go' | 'recycle' | 'recycle_again' | 'kill'

export function judgeMemory(facts: MemoryFacts): MemoryVerdict {
  const { memoryMb, limitMb, wasReady, leftMb, leastMb, idleMs, recycledBefore } = facts
  if (limitMb !== null && memoryMb > limitMb) return 'kill'
  const hasGrown = leftMb === null || memoryMb - leftMb >= LET_GO_PER_MB
  if (wasReady && idleMs >= IDLE_FOR_MS && hasGrown) return 'let_go'
  if (limitMb === null || !wasReady || memoryMb < limitMb * RECYCLE_IDLE_SHARE) return 'fine'
  if (memoryMb >= limitMb * RECYCLE_NOW_SHARE) return recycledBefore ? 'recycle_again' : 'recycle'
  const isWorthwhile = leastMb !== null && memoryMb - leastMb >= limitMb * WORTHWHILE_SHARE
  return isWorthwhile && idleMs >= IDLE_FOR_MS && !recycledBefore ? 'recycle' : 'fine'
}
