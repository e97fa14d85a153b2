import { Session as Inspector } from 'node:inspector/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import { RECYCLE_IDLE_SHARE, RECYCLE_NOW_SHARE } from '@wsg/shared/sessions/memory-shares.ts'
import type { WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { SessionEnd } from './ending.ts'
import type { SessionMachine } from './session-machine.ts'

/** A smaller change is not published, unless the limit is near: every publication is a write to a disk. */
const TOLD_CHANGE_MB = 5
/** Memory is let go of, and a browser replaced for its size, only where nothing was being sent for so long. */
const IDLE_FOR_MS = 3_000
/** What a session grows by before it lets go of memory again. */
const LET_GO_PER_MB = 10
/** A browser at rest is replaced only where that gives something back: it has grown by this share of the limit. */
const WORTHWHILE_SHARE = 0.1

interface SessionMemoryOptions {
  limitMb: number | null
  machine: Pick<SessionMachine, 'wasReady' | 'report'>
  logger: Logger
}

/** What the session does at the moment of a measurement. */
interface Doing extends Pick<MemoryFacts, 'idleMs' | 'recycledBefore'> {
  /** Null where no browser was started. */
  client: Pick<WhatsAppClient, 'letGoOfMemory' | 'movesFile'> | null
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

  /** @returns how the ownership has to end for its memory; null where it goes on */
  measured(memoryMb: number, { client, idleMs, recycledBefore }: Doing): SessionEnd | null {
    const { limitMb, machine } = this.#options
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
      idleMs,
      movesFile: client?.movesFile ?? false,
      recycledBefore,
    })
    if (verdict === 'let_go') void this.#letGo(client)
    if (verdict === 'fine' || verdict === 'let_go') return null
    const detail = `${memoryMb} of ${limitMb} MB`
    if (verdict === 'kill') return { kind: 'fault', fault: { kind: 'memory_limit', detail } }
    return { kind: 'recycled', again: verdict === 'recycle_again', detail }
  }

  #tell(memoryMb: number): void {
    const { limitMb, machine } = this.#options
    const isNear = limitMb !== null && memoryMb >= limitMb * RECYCLE_IDLE_SHARE
    if (!isNear && Math.abs(memoryMb - this.#toldMb) < TOLD_CHANGE_MB) return
    this.#toldMb = memoryMb
    machine.report({ memoryMb: String(memoryMb) })
  }

  /** Has this process and its page let go of what they need no more. */
  async #letGo(client: Doing['client']): Promise<void> {
    this.#leftMb = 'unknown'
    try {
      await client?.letGoOfMemory()
      await collectGarbage()
    } catch (err) {
      this.#options.logger.debug({ err }, 'memory was not let go of')
    }
  }
}

export interface MemoryFacts {
  memoryMb: number
  limitMb: number | null
  /** It can send, or could until it lost its connection. Before, it may be at a peak that passes when it has synced. */
  wasReady: boolean
  /** What was left when it let go of memory last; null where it has not since it became ready. */
  leftMb: number | 'unknown' | null
  /** The least that was measured since it became ready; null before. */
  leastMb: number | null
  /** How long nothing has waited or been in flight; 0 while something is. */
  idleMs: number
  /** A file is under way: what it takes is given back, and whoever replaced the browser would have it begin again. */
  movesFile: boolean
  /** The browser before this one was replaced for its size, and this one has not been steady yet. */
  recycledBefore: boolean
}

/**
 * - `let_go`: it is at rest, and may hold memory that it needs no more.
 * - `recycle`: close the browser cleanly between two sends and start another.
 * - `recycle_again`: the same, but one that follows another so soon is counted and rests, so that a session which
 *   is too large from its start does not go round for ever.
 * - `kill`: it is over the limit.
 */
export type MemoryVerdict = 'fine' | 'let_go' | 'recycle' | 'recycle_again' | 'kill'

export function judgeMemory(facts: MemoryFacts): MemoryVerdict {
  const { memoryMb, limitMb, wasReady, leftMb, leastMb, idleMs, recycledBefore } = facts
  if (limitMb !== null && memoryMb > limitMb) return 'kill'
  if (facts.movesFile) return 'fine'
  const hasGrown = leftMb === null || (leftMb !== 'unknown' && memoryMb - leftMb >= LET_GO_PER_MB)
  if (wasReady && idleMs >= IDLE_FOR_MS && hasGrown) return 'let_go'
  if (limitMb === null || !wasReady || memoryMb < limitMb * RECYCLE_IDLE_SHARE) return 'fine'
  if (memoryMb >= limitMb * RECYCLE_NOW_SHARE) return recycledBefore ? 'recycle_again' : 'recycle'
  const isWorthwhile = leastMb !== null && memoryMb - leastMb >= limitMb * WORTHWHILE_SHARE
  return isWorthwhile && idleMs >= IDLE_FOR_MS && !recycledBefore ? 'recycle' : 'fine'
}

/**
 * Has V8 collect all it can in this process, and give the pages back: by itself it keeps a third more than it needs. It
 * stops the process for about a tenth of a second.
 */
export async function collectGarbage(): Promise<void> {
  const inspector = new Inspector()
  inspector.connect()
  try {
    await inspector.post('HeapProfiler.collectGarbage')
  } finally {
    inspector.disconnect()
  }
}
