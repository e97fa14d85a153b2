import type { Logger } from '@wsg/shared/logger.ts'
import { dayOf, type Pacing, readPacingChanges, withChanges } from '@wsg/shared/messages/pacing.ts'
import type { QueueSettings } from '@wsg/shared/redis/session/queue-settings.ts'
import type { SessionFields } from '@wsg/shared/sessions/session-view.ts'
import { Pacer } from './pacer.ts'

export interface QueueSettingsParts {
  /** What is in force where a session changes nothing. */
  defaults: Pacing
  report(fields: SessionFields): void
  logger: Logger
}

/** What a session was told about its sending, and what of it is told back: the pacing in force, the day's cap. */
export class LatestQueueSettings {
  readonly #parts: QueueSettingsParts
  readonly pacer = new Pacer()
  /** Null until it was looked for the first time: nothing goes before. */
  #latest: QueueSettings | null = null
  #lookedAt = 0
  #told: SessionFields = {}

  constructor(parts: QueueSettingsParts) {
    this.#parts = parts
  }

  /** True while nothing may be handed over, whatever the pacing says. */
  get isPaused(): boolean {
    return this.#latest === null || this.#latest.paused
  }

  /** Browsers replaced in a row because sends stayed without an ack. */
  get unackedRestarts(): number {
    return this.#latest?.unackedRestarts ?? 0
  }

  /** True where the calendar day has changed since the last look: the cap of another day holds. */
  get isOfAnotherDay(): boolean {
    if (this.#latest === null) return false
    const { nowMs } = this.#latest
    return dayOf(nowMs + performance.now() - this.#lookedAt) !== dayOf(nowMs)
  }

  take(orders: QueueSettings): void {
    const { defaults, logger } = this.#parts
    const changes = readPacingChanges(orders.pacing)
    if (orders.pacing !== undefined && changes === null && orders.pacing !== this.#latest?.pacing)
      logger.warn('the pacing of this session cannot be read; the default one is used')
    this.#latest = orders
    this.#lookedAt = performance.now()
    this.pacer.set(withChanges(defaults, changes), orders)
    this.#tell()
  }

  acked(ackedToday: number): void {
    this.pacer.acked(ackedToday)
    this.#tell()
  }

  /** Sending works again, or for the first time since. */
  forgetUnackedRestarts(): void {
    if (this.#latest === null || this.#latest.unackedRestarts === 0) return
    this.#latest = { ...this.#latest, unackedRestarts: 0 }
    this.#parts.report({ unackedRestarts: '' })
  }

  #tell(): void {
    if (this.#latest === null) return
    const { pacer } = this
    const { overCap } = pacer.pacing
    const refuses = overCap === 'refuse' && pacer.cap !== null
    const fields = {
      pacingInForce: JSON.stringify(pacer.pacing),
      heldUntil: pacer.heldUntil === null ? '' : String(pacer.heldUntil),
      refusedFrom: refuses ? `${dayOf(this.#latest.nowMs)}:${pacer.cap}` : '',
    }
    const news = Object.entries(fields).filter(
      ([name, value]) => this.#told[name as keyof typeof fields] !== value,
    )
    if (news.length === 0) return
    this.#told = fields
    this.#parts.report(Object.fromEntries(news))
  }
}
