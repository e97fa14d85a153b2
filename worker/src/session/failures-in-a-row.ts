import type { SessionFields } from '@wsg/shared/sessions/session-view.ts'
import type { SessionEnd } from './session-end.ts'

/** Faults, or deaths of owners without a `ready` in between, after which a session is given up. */
export const MAX_FAILURES = 8
/** Fewer: each costs the machine a full container, and the next one does not know more than the last. */
export const MAX_MEMORY_FAULTS = 5

/** What went wrong in a row, as the session's hash keeps it from owner to owner. */
export interface FailuresInARow {
  /** Faults that an owner met and lived to tell; forgotten when `ready` has lasted. */
  failures: number
  /** Owners that died; forgotten with every `ready`, because the death of one that worked is not the session's fault. */
  deaths: number
  /** Times that it went over its memory limit; forgotten when `ready` has lasted: whoever is good for a minute is not in a loop. */
  memoryFaults: number
}

export function failuresOf({ failures, deaths, memoryFaults }: SessionFields): FailuresInARow {
  return {
    failures: Number(failures ?? 0),
    deaths: Number(deaths ?? 0),
    memoryFaults: Number(memoryFaults ?? 0),
  }
}

/** How long a session rests after so many in a row, in ms: 0, 1 s, 2 s, 4 s … 60 s. */
export function backOffMs(inARow: number): number {
  return inARow <= 1 ? 0 : Math.min(60_000, 1_000 * 2 ** (inARow - 2))
}

/**
 * What an owner does that follows one which died: it could not back off itself.
 * @returns how the ownership ends before any browser is started; null where it goes on
 */
export function endAfterDeath({ deaths, memoryFaults }: FailuresInARow): SessionEnd | null {
  if (memoryFaults >= MAX_MEMORY_FAULTS) return { kind: 'failed', reason: 'memory_limit' }
  if (deaths >= MAX_FAILURES) return { kind: 'failed', reason: 'crash_loop' }
  const delayMs = backOffMs(Math.max(deaths, memoryFaults))
  return delayMs === 0 ? null : { kind: 'put_off', delayMs }
}
