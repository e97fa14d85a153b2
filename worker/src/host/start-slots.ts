import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from '@wsg/shared/logger.ts'

/** Longer than the watchdogs of a start: whoever holds a slot for so long is stuck, and must not hold up the others. */
const STUCK_AFTER_S = 150
const STUCK = 75

/**
 * Waits for its turn, then for the first slot that can be had, and ends: the slots are open files of the caller's, who
 * keeps the lock. Only the one whose turn it is looks around; the others sleep in the kernel.
 */
const SCRIPT = `
my ($turn, $seconds) = splice(@ARGV, 0, 2);
my $mine;
open($mine, '+>>', $turn) && flock($mine, 2) or exit 1;
my @slots = map { open(my $slot, '+<&=', $_) or exit 1; $slot } @ARGV;
for (my $end = time + $seconds; time < $end; select(undef, undef, undef, 0.02)) {
  for my $n (0 .. $#slots) { if (flock($slots[$n], 6)) { print $n; exit } }
}
exit ${STUCK};
`

export interface StartSlotsOptions {
  folder: string
  /** How many browsers may start at once on this host. */
  count: number
  logger: Logger
  stuckAfterS?: number
}

/** Turns for browser starts among the workers of one host: each slot is a file whose lock is held during a start. */
export class StartSlots {
  readonly #options: StartSlotsOptions
  #held: number | null = null
  #warned = false

  constructor(options: StartSlotsOptions) {
    this.#options = options
  }

  /**
   * Resolves with true when a browser may be started, with false where `signal` came first. Where locks do not work
   * everyone may start at once.
   */
  async take(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false
    const { folder, count } = this.#options
    const slots: number[] = []
    try {
      for (let n = 0; n < count; n++) slots.push(openSync(join(folder, `slot-${n}.lock`), 'a+', 0o600))
      const won = await this.#firstFree(slots, signal)
      const slot = slots[won]
      if (signal.aborted) return false
      this.#held = slot ?? null
    } catch (err) {
      if (signal.aborted) return false
      this.#warn({ err }, 'browser starts of this host cannot take turns')
    } finally {
      for (const slot of slots) if (slot !== this.#held) closeSync(slot)
    }
    return true
  }

  giveBack(): void {
    if (this.#held !== null) closeSync(this.#held)
    this.#held = null
  }

  /** @returns an index; past the last where none became free in a long time */
  async #firstFree(slots: number[], signal: AbortSignal): Promise<number> {
    const { folder, stuckAfterS = STUCK_AFTER_S } = this.#options
    // In the child the descriptors are numbered anew, after standard input, output and error.
    const numbers = slots.map((_, n) => String(n + 3))
    const child = spawn('perl', ['-e', SCRIPT, join(folder, 'turn.lock'), String(stuckAfterS), ...numbers], {
      stdio: ['ignore', 'pipe', 'ignore', ...slots],
      signal,
      killSignal: 'SIGKILL',
    })
    let answer = ''
    child.stdout?.on('data', (text: Buffer) => {
      answer += text.toString()
    })
    const [code] = await once(child, 'close')
    if (code === STUCK) this.#warn({}, 'no browser start of this host ended in a long time')
    else if (code !== 0) throw new Error(`the slots could not be locked: ${code}`)
    return code === 0 ? Number(answer) : slots.length
  }

  #warn(details: object, what: string): void {
    if (!this.#warned) this.#options.logger.warn(details, `${what}; starting without`)
    this.#warned = true
  }
}
