import { RECYCLE_IDLE_SHARE } from '@wsg/shared/sessions/memory-shares.ts'
import type { SessionEnd } from './ending.ts'
import { judgeMemory, type MemoryFacts } from './memory-rule.ts'
import type { SessionMachine } from './session-machine.ts'

/** A smaller change is not published, unless the limit is near: every publication is a write to a disk. */
const TOLD_CHANGE_MB = 5

export interface SessionMemoryOptions {
  limitMb: number | null
  machine: Pick<SessionMachine, 'hasBegun' | 'wasReady' | 'report'>
  /** True once the ownership ends: nothing more is published or decided. */
  ending(): boolean
  idleMs(): MemoryFacts['idleMs']
  recycledBefore(): MemoryFacts['recycledBefore']
  /** Nothing is being sent: what is not needed any more may go. */
  letGo(): void
  /** The ownership has to end for its memory. */
  end(end: SessionEnd): void
}

/** The memory of one ownership: what was measured, what of it was told, and what follows from it. */
export class SessionMemory {
  readonly #options: SessionMemoryOptions
  #lastMb: number | null = null
  #toldMb = Number.NEGATIVE_INFINITY
  #leastMb: number | null = null
  /** What was left when memory was let go of last, `unknown` until it is measured. */
  #leftMb: number | 'unknown' | null = null

  constructor(options: SessionMemoryOptions) {
    this.#options = options
  }

  /** In MB; null before the first measurement. */
  get lastMb(): number | null {
    return this.#lastMb
  }

  measured(memoryMb: number): void {
    const { limitMb, machine, ending, idleMs, recycledBefore, letGo, end } = this.#options
    if (ending() || !machine.hasBegun) return
    const { wasReady } = machine
    this.#lastMb = memoryMb
    if (wasReady) this.#leastMb = Math.min(this.#leastMb ?? memoryMb, memoryMb)
    if (this.#leftMb === 'unknown') this.#leftMb = memoryMb
    this.#tell(memoryMb)
    const verdict = judgeMemory({
      memoryMb,
      limitMb,
      wasReady,
      leftMb: this.#leftMb,
      leastMb: this.#leastMb,
      idleMs: idleMs(),
      recycledBefore: recycledBefore(),
    })
    if (verdict === 'fine') return
    const detail = `${memoryMb} of ${limitMb} MB`
    if (verdict === 'let_go') {
      this.#leftMb = 'unknown'
      letGo()
    } else if (verdict === 'kill') end({ kind: 'fault', fault: { kind: 'memory_limit', detail } })
    else end({ kind: 'recycled', again: verdict === 'recycle_again', detail })
  }

  #tell(memoryMb: number): void {
    const { limitMb, machine } = this.#options
    const isNear = limitMb !== null && memoryMb >= limitMb * RECYCLE_IDLE_SHARE
    if (!isNear && Math.abs(memoryMb - this.#toldMb) < TOLD_CHANGE_MB) return
    this.#toldMb = memoryMb
    machine.report({ memoryMb: String(memoryMb) })
  }
}
