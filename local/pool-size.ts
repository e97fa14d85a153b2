import { totalmem } from 'node:os'

const MB = 1024 * 1024

/** Left to the system, the gateway and Redis. */
const RESERVED_BYTES = 1024 * MB
/** What the usage guide says one session takes. */
const SESSION_BYTES = 512 * MB

/** The memory that this process may use: the machine's, or the container's where that is less. */
export function machineMemoryBytes(): number {
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

/** How many sessions a machine carries; at least one. */
export function defaultMaxSessions(memoryBytes: number): number {
  return Math.max(1, Math.floor((memoryBytes - RESERVED_BYTES) / SESSION_BYTES))
}

export interface PoolCount {
  /** Workers that own a session or are on their way out. */
  busy: number
  /** Workers that own nothing, those that are still starting included. */
  free: number
  /** Sessions that are due and that nobody owns. */
  unplaced: number
  maxSessions: number
}

/**
 * How many workers to add (above zero) or let go (below). One free worker for every unplaced session, and at
 * least one in reserve so that the next request finds it running, within the limit.
 */
export function poolChange({ busy, free, unplaced, maxSessions }: PoolCount): number {
  const room = Math.max(0, maxSessions - busy)
  return Math.min(room, Math.max(1, unplaced)) - free
}
