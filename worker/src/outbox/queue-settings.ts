import type { Logger } from '@wsg/shared/logger.ts'
import { dayOf, type Pacing, readPacingChanges, withChanges } from '@wsg/shared/messages/pacing.ts'
import type { QueueSettings as StoredSettings } from '@wsg/shared/redis/session/queue-settings.ts'
import type { NewChatRestriction } from '@wsg/shared/sessions/restriction.ts'
import type { SessionFields } from '@wsg/shared/sessions/session-view.ts'
import type { MessageLog } from './message-log.ts'
import { Pacer } from './pacer.ts'

/** How old what is known may be while something is to be sent, in ms. */
const FRESH_MS = 1_000

export interface QueueSettingsOptions {
  messages: Pick<MessageLog, 'readSettings'>
  /** What is in force where a session changes nothing. */
  defaults: Pacing
  report(fields: SessionFields): void
  logger: Logger
}

/**
 * What a session was told about its sending: a pause, its pacing, which messages are urgent. It is read when somebody
 * asks for it; the pacing in force and the day's cap are published.
 */
export class QueueSettings {
  readonly #options: QueueSettingsOptions
  readonly pacer = new Pacer()
  /** Null until they were read for the first time: nothing is sent before. */
  #latest: StoredSettings | null = null
  #askedAt = Number.NEGATIVE_INFINITY
  #readAt = 0
  #reading: Promise<void> = Promise.resolve()
  #next: Promise<void> | null = null
  #published: SessionFields = {}

  constructor(options: QueueSettingsOptions) {
    this.#options = options
  }

  /** True while nothing may be handed over, whatever the pacing says. */
  get isPaused(): boolean {
    return this.#latest === null || this.#latest.paused
  }

  /** The urgent messages that wait, in accepted order; the first of them where there are many. */
  get urgent(): readonly string[] {
    return this.#latest?.urgent ?? []
  }

  /** Redis' time, epoch ms. */
  get nowMs(): number {
    return this.#latest === null ? Date.now() : this.#latest.nowMs + performance.now() - this.#readAt
  }

  /** What kept the account from new chats when they were read for the first time; undefined before that. */
  get restriction(): NewChatRestriction | null | undefined {
    return this.#latest?.restriction
  }

  /** When somebody last had the queue go on, epoch ms; null for never. */
  get resumedAt(): number | null {
    return this.#latest?.resumedAt ?? null
  }

  /** Browsers replaced in a row because sends stayed without an ack. */
  get unackedRestarts(): number {
    return this.#latest?.unackedRestarts ?? 0
  }

  /** True where the calendar day has changed since they were read: the cap of another day holds. */
  get isOfAnotherDay(): boolean {
    if (this.#latest === null) return false
    return dayOf(this.nowMs) !== dayOf(this.#latest.nowMs)
  }

  /** Resolves when they are not older than a second. @throws FenceClosed */
  async fresh(): Promise<void> {
    if (performance.now() - this.#askedAt < FRESH_MS) await this.#reading
    else await this.refresh()
  }

  /** Resolves when they are not older than this call. @throws FenceClosed */
  async refresh(): Promise<void> {
    this.#next ??= this.#reading
      .catch(() => {})
      .then(() => {
        this.#next = null
        this.#reading = this.#read()
        return this.#reading
      })
    await this.#next
  }

  /** Another message of the account was acked. @param ackedToday with it, on this calendar day (UTC) */
  acked(ackedToday: number): void {
    this.pacer.acked(ackedToday)
    this.#publish()
  }

  /** Sending works again, or for the first time since. */
  forgetUnackedRestarts(): void {
    if (this.#latest === null || this.#latest.unackedRestarts === 0) return
    this.#latest = { ...this.#latest, unackedRestarts: 0 }
    this.#options.report({ unackedRestarts: '' })
  }

  async #read(): Promise<void> {
    const { messages, defaults, logger } = this.#options
    this.#askedAt = performance.now()
    const latest = await messages.readSettings()
    const changes = readPacingChanges(latest.pacing)
    if (latest.pacing !== undefined && changes === null && latest.pacing !== this.#latest?.pacing)
      logger.warn('the pacing of this session cannot be read; the default one is used')
    this.#latest = latest
    this.#readAt = performance.now()
    this.pacer.set(withChanges(defaults, changes), latest)
    this.#publish()
  }

  #publish(): void {
    if (this.#latest === null) return
    const { pacer } = this
    const refuses = pacer.pacing.overCap === 'refuse' && pacer.cap !== null
    const fields = {
      pacingInForce: JSON.stringify(pacer.pacing),
      heldUntil: pacer.heldUntil === null ? '' : String(pacer.heldUntil),
      refusedFrom: refuses ? `${dayOf(this.#latest.nowMs)}:${pacer.cap}` : '',
    }
    const news = Object.entries(fields).filter(
      ([name, value]) => this.#published[name as keyof typeof fields] !== value,
    )
    if (news.length === 0) return
    this.#published = fields
    this.#options.report(Object.fromEntries(news))
  }
}
