import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import type { Confirmations } from '@wsg/shared/redis/connection/confirmations.ts'
import { moveMessage } from '@wsg/shared/redis/message/move-message.ts'

const TRY_EVERY_MS = 100
const GIVE_UP_AFTER_MS = 10 * 60_000

/**
 * Takes back messages whose acceptance Redis did not confirm and that have no Idempotency-Key: as soon as it answers
 * again they are canceled, and until then no owner hands them over. The caller was told so, and may send anew.
 */
export class Withdrawals {
  readonly #acceptances: Confirmations
  readonly #retentionMs: number
  readonly #log: Logger
  readonly #closing = new AbortController()

  constructor(parts: { acceptances: Confirmations; retentionMs: number; log: Logger }) {
    this.#acceptances = parts.acceptances
    this.#retentionMs = parts.retentionMs
    this.#log = parts.log
  }

  add(sessionId: string, messageId: string): void {
    void this.#withdraw(sessionId, messageId)
  }

  close(): void {
    this.#closing.abort()
  }

  async #withdraw(sessionId: string, messageId: string): Promise<void> {
    const end = performance.now() + GIVE_UP_AFTER_MS
    while (performance.now() < end && !this.#closing.signal.aborted) {
      try {
        const mark = this.#acceptances.mark()
        const answer = await moveMessage(this.#acceptances.redis, {
          sessionId,
          messageId,
          to: 'canceled',
          from: ['queued'],
          retentionMs: this.#retentionMs,
        })
        await this.#acceptances.confirm(mark)
        const outcome = answer.moved ? 'withdrawn' : answer.why
        this.#log.warn({ sessionId, messageId, outcome }, 'acceptance without an answer taken back')
        return
      } catch {
        await pause(TRY_EVERY_MS, undefined, { signal: this.#closing.signal }).catch(() => {})
      }
    }
  }
}
