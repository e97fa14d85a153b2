import type { Logger } from '@wsg/shared/logger.ts'
import type { Happening } from '@wsg/shared/sessions/session-history.ts'
import type { SessionFields } from '@wsg/shared/sessions/session-view.ts'
import type { AckTracker } from './ack-tracker.ts'
import { type AckLimits, areAcksMissing } from './unacked-sends.ts'

export interface DegradationParts {
  acks: AckTracker
  /** A real round trip through the page. */
  probe(): Promise<string>
  /** Publishes what there is to say about the session. */
  report(fields: SessionFields, happened?: Happening): void
  /** The page does not answer. */
  onSilent(): void
  /** Nothing was acked all the while: another browser may do better. */
  onUnacked(detail: string): void
  limits: AckLimits
  logger: Logger
}

/**
 * Notices a session whose sends stay without an ack while WhatsApp says that it is connected: first it is said, the page
 * is asked for a sign of life, and nothing more is handed over, since each would end as unknown; an ack ends it; and
 * where none comes its browser is replaced.
 */
export class Degradation {
  readonly #parts: DegradationParts
  /** On the monotonic clock; null while all is well. */
  #since: number | null = null
  #connectedSince: number | null = null
  #isOver = false

  constructor(parts: DegradationParts) {
    this.#parts = parts
  }

  get isOn(): boolean {
    return this.#since !== null
  }

  setConnected(connected: boolean, now = performance.now()): void {
    if (!connected) this.#connectedSince = null
    else this.#connectedSince ??= now
  }

  /** To be called every second or so. @returns whether it went on or off */
  check(now = performance.now()): boolean {
    const { acks, limits } = this.#parts
    const since = acks.unacked()
    // None is waited for any more where those that were turned out not to have been sent.
    if (this.#since !== null && (acks.lastFirstAt > this.#since || since.length === 0))
      return this.#recovered()
    if (this.#connectedSince === null || this.#isOver) return false
    const facts = { since, lastAckAt: acks.lastFirstAt, connectedSince: this.#connectedSince, now }
    if (!areAcksMissing(facts, limits)) return false
    if (this.#since === null) return this.#begin(since.length, now)
    if (now - this.#since < limits.replacedMs) return false
    this.#isOver = true
    this.#parts.onUnacked(`${since.length} without an ack`)
    return false
  }

  #begin(count: number, now: number): boolean {
    const { report, probe, onSilent, logger } = this.#parts
    this.#since = now
    logger.warn({ count }, 'sends stay without an ack while WhatsApp says that it is connected')
    report(
      { degraded: 'unacked', degradedSince: String(Date.now()) },
      { event: 'degraded', detail: `${count} without an ack` },
    )
    probe().then(
      (connection) => logger.info({ connection }, 'the page was probed and answers'),
      () => onSilent(),
    )
    return true
  }

  #recovered(): boolean {
    this.#since = null
    this.#parts.report({ degraded: '', degradedSince: '' }, { event: 'recovered' })
    return true
  }
}
