import { setTimeout as pause } from 'node:timers/promises'
import type { MemoryMeter } from './memory-meter.ts'

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
