import { setTimeout as pause } from 'node:timers/promises'
import { RECYCLE_IDLE_SHARE } from '@wsg/shared/sessions/memory-shares.ts'
import { cgroupKills, cgroupLimitMb } from './cgroup-memory.ts'
import { processTreeMemoryMb } from './process-memory.ts'

/** A browser or page that goes within this time after the kernel killed something is taken to be what it killed. */
const KILL_NOTICED_WITHIN_MS = 5_000
/** One measurement costs 5 ms of one core: 0.25 % of it where the limit is near, 0.05 % where it is not. */
const SHORTEST_MS = 2_000
const LONGEST_MS = 10_000
/** A page that grows faster is caught late, and killed instead of replaced. */
const GROWTH_MB_PER_SECOND = 10

/** What this process and all below it may take, and do take. */
export interface MemoryMeter {
  /** MB; null for no limit. */
  readonly limitMb: number | null
  /** In MB; null where the kernel does not tell. */
  measure(): Promise<number | null>
  /** How long to wait before the next measurement, in ms. */
  againAfterMs(memoryMb: number | null): number
  /** Whether the kernel killed a process of this control group just now, because the group was out of memory. */
  killedByKernel(): boolean
}

export function openMemoryMeter(limitMb: number | null, kills: () => number = cgroupKills): MemoryMeter {
  let known = kills()
  let killedAt = Number.NEGATIVE_INFINITY
  const look = () => {
    const now = kills()
    if (now > known) killedAt = performance.now()
    known = now
  }
  return {
    limitMb,
    async measure() {
      // A kill of long ago must not be taken for the cause of the next crash.
      look()
      return await processTreeMemoryMb(process.pid)
    },
    againAfterMs: (memoryMb) => measureAgainAfterMs(memoryMb, limitMb),
    killedByKernel() {
      look()
      return performance.now() - killedAt < KILL_NOTICED_WITHIN_MS
    },
  }
}

/**
 * The memory that a worker and its browser may take together, in MB; null for no limit. What is configured counts, 0
 * meaning none. Where nothing is, the kernel's limit of this container does.
 */
export function memoryLimitMb(
  configuredMb: number | undefined,
  kernelLimitMb: () => number | null = cgroupLimitMb,
): number | null {
  if (configuredMb === undefined) return kernelLimitMb()
  return configuredMb === 0 ? null : configuredMb
}

/** When to measure next, in ms: before a page that grows fast could have come to where something is done about it. */
export function measureAgainAfterMs(memoryMb: number | null, limitMb: number | null): number {
  if (memoryMb === null || limitMb === null) return LONGEST_MS
  const roomMb = limitMb * RECYCLE_IDLE_SHARE - memoryMb
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (roomMb / GROWTH_MB_PER_SECOND) * 1_000))
}

/** Measures again and again, and tells each figure, until `signal` ends it. Never rejects. */
export async function watchMemory(
  meter: MemoryMeter,
  signal: AbortSignal,
  measured: (memoryMb: number) => void,
): Promise<void> {
  for (let memoryMb: number | null = null; !signal.aborted; ) {
    memoryMb = await meter.measure()
    if (memoryMb !== null && !signal.aborted) measured(memoryMb)
    await pause(meter.againAfterMs(memoryMb), undefined, { ref: false, signal }).catch(() => {})
  }
}
