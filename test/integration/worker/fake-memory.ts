import type { MemoryMeter } from '@wsg/worker/src/memory/memory-meter.ts'

/** What the kernel would say, set by the test and looked at every few milliseconds. */
export class FakeMemory implements MemoryMeter {
  readonly limitMb: number | null
  memoryMb = 100
  measured = 0
  killed = false

  constructor(limitMb: number | null) {
    this.limitMb = limitMb
  }

  async measure(): Promise<number> {
    this.measured += 1
    return this.memoryMb
  }

  againAfterMs(): number {
    return 20
  }

  killedByKernel(): boolean {
    return this.killed
  }
}
