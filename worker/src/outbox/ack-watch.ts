import type { Logger } from '@wsg/shared/logger.ts'
import type { Happening } from '@wsg/shared/sessions/session-history.ts'
import type { SessionFields } from '@wsg/shared/sessions/session-view.ts'
import type { AckTracker } from './ack-tracker.ts'
import type { QueueSettings } from './queue-settings.ts'

/** From so many on it is no chance that none has an ack, and nothing that was handed over after them either. */
const SEVERAL = 3

/** How long acks may be missing, in ms. */
export interface AckLimits {
  /** Several messages without an ack, before the session counts as degraded. */
  severalMs: number
  /** A single one, which says less. */
  oneMs: number
  /** How long the session may be so until its browser is replaced, where nothing is acked at all. */
  replacedMs: number
  /** The same where there are too few messages to tell the session from its recipients. */
  replacedAloneMs: number
}

/**
 * An ack takes well under a second, and some seconds where the network is bad; the page itself is asked after ten. Three
 * that wait three times as long have no other reason left. A browser takes seconds to come back, so it may go soon after.
 */
export const ackLimits: AckLimits = {
  severalMs: 30_000,
  oneMs: 60_000,
  replacedMs: 60_000,
  replacedAloneMs: 600_000,
}

export interface AckFacts {
  /** When each message without an ack was handed over, on the monotonic clock. */
  since: readonly number[]
  /** When a message last got its first ack. */
  lastAckAt: number
  /** When WhatsApp last connected: without a connection there is no ack to wait for. */
  connectedSince: number
  now: number
  wasDegraded: boolean
  /** Browsers replaced in a row before this one because nothing was acked; 0 once this one got an ack. */
  restarts: number
}

export interface AckVerdict {
  /** A message has waited too long. It may be its recipient alone. */
  isDegraded: boolean
  /** Nothing that was handed over since is acked: it may be the session. One message after the other has to show it. */
  isInDoubt: boolean
  /** It is the session: another browser may do better. */
  mustReplace: boolean
}

/** What the acks that are missing mean while WhatsApp says that it is connected. */
export function judgeAcks(facts: AckFacts, limits: AckLimits): AckVerdict {
  const { since, lastAckAt, connectedSince, now, wasDegraded, restarts } = facts
  const { severalMs, oneMs, replacedMs, replacedAloneMs } = limits
  const waitedMs = (at: number) => now - Math.max(at, connectedSince)
  const isLong = (ms: number) => ms >= severalMs
  const long = since.map(waitedMs).filter(isLong)
  const isDegraded =
    long.length >= SEVERAL || long.some((ms) => ms >= oneMs) || (wasDegraded && long.length > 0)
  // An ack that came after a message was handed over shows that the session sends: it may be that one recipient.
  const silent = since
    .filter((at) => at > lastAckAt)
    .map(waitedMs)
    .filter(isLong)
  const isEnough = silent.length >= (restarts > 0 ? 1 : SEVERAL)
  const longestMs = Math.max(0, ...silent)
  return {
    isDegraded,
    isInDoubt: restarts > 0 || (isDegraded && silent.length > 0),
    mustReplace: longestMs >= (isEnough ? severalMs + replacedMs : replacedAloneMs),
  }
}

export interface AckWatchOptions {
  acks: AckTracker
  settings: Pick<QueueSettings, 'unackedRestarts' | 'forgetUnackedRestarts'>
  limits: AckLimits
  /** Publishes what there is to say about the session. */
  report(fields: SessionFields, happened?: Happening): void
  /** Nothing is acked any more: another browser may do better. @param restarts how many were tried in a row before */
  onUnacked(detail: string, restarts: number): void
  logger: Logger
}

/**
 * Watches for sends that stay without an ack while WhatsApp says that it is connected. A message without one holds up its
 * own chat. The session is called degraded, and goes on sending as long as any of its messages is acked. Where none is,
 * one message after the other is tried, and at last the browser is replaced. (Whether the page answers at all is asked
 * elsewhere, all the time: `whatsapp/page-probe.ts`.)
 */
export class AckWatch {
  readonly #options: AckWatchOptions
  #isDegraded = false
  #isInDoubt = false
  #connectedSince: number | null = null
  #isOver = false

  constructor(options: AckWatchOptions) {
    this.#options = options
  }

  /**
   * Whether another message may be handed over.
   * @param open how many messages are on their way and have no outcome
   */
  allows(open: number, now = performance.now()): boolean {
    const { acks, settings, limits } = this.#options
    if (!this.#isInDoubt && settings.unackedRestarts === 0) return true
    return open <= acks.unacked().filter((since) => now - since >= limits.oneMs).length
  }

  setConnected(connected: boolean, now = performance.now()): void {
    if (!connected) this.#connectedSince = null
    else this.#connectedSince ??= now
  }

  /** To be called with every ack and every second or so. @returns whether `allows` may say something else now */
  check(now = performance.now()): boolean {
    const { acks, settings, limits, onUnacked } = this.#options
    const wasInDoubt = this.#isInDoubt || settings.unackedRestarts > 0
    if (Number.isFinite(acks.lastFirstAt)) settings.forgetUnackedRestarts()
    if (this.#connectedSince !== null && !this.#isOver) {
      const since = acks.unacked()
      const restarts = settings.unackedRestarts
      const { lastFirstAt: lastAckAt } = acks
      const facts = {
        since,
        lastAckAt,
        connectedSince: this.#connectedSince,
        now,
        wasDegraded: this.#isDegraded,
        restarts,
      }
      const { isDegraded, isInDoubt, mustReplace } = judgeAcks(facts, limits)
      if (isDegraded !== this.#isDegraded) this.#tell(isDegraded, since.length)
      this.#isInDoubt = isInDoubt
      if (mustReplace) {
        this.#isOver = true
        onUnacked(`${since.length} without an ack`, restarts)
      }
    }
    return wasInDoubt
  }

  #tell(isDegraded: boolean, count: number): void {
    const { report, logger } = this.#options
    this.#isDegraded = isDegraded
    if (!isDegraded) {
      report({ degraded: '', degradedSince: '' }, { event: 'recovered' })
      return
    }
    logger.warn({ count }, 'sends stay without an ack while WhatsApp says that it is connected')
    report(
      { degraded: 'unacked', degradedSince: String(Date.now()) },
      { event: 'degraded', detail: `${count} without an ack` },
    )
  }
}
