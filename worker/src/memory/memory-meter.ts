import { cgroupKills } from './cgroup-memory.ts'
import { measureAgainAfterMs } from './measure-again-after.ts'
import { processTreeMemoryMb } from './process-memory.ts'

/** Within this time after the kernel killed something, a browser or page that went is taken to be what it killed. */
const KILL_NOTICED_WITHIN_MS = 5_000

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
