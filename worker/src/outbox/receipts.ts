import { MOVED_AT_ONCE, type SettledMove } from '@wsg/shared/redis/message/move-message.ts'
import type { MessageLog } from './message-log.ts'

/**
 * Writes what WhatsApp reports of messages that nobody waits for any more. What is reported while it writes goes with
 * the next command, so that the busier a session is, the less each receipt costs.
 */
export class Receipts {
  readonly #messages: Pick<MessageLog, 'moveMany'>
  readonly #onFailed: (error: unknown) => void
  readonly #gathered: SettledMove[] = []
  #writing: Promise<void> | null = null

  constructor(messages: Pick<MessageLog, 'moveMany'>, onFailed: (error: unknown) => void) {
    this.#messages = messages
    this.#onFailed = onFailed
  }

  add(receipt: SettledMove): void {
    this.#gathered.push(receipt)
    this.#writing ??= this.#write()
  }

  /** Resolves when all is written that was reported, or cannot be. */
  async written(): Promise<void> {
    await this.#writing
  }

  async #write(): Promise<void> {
    try {
      while (this.#gathered.length > 0) {
        // What the page reports in one turn is added in one turn.
        await Promise.resolve()
        await this.#messages.moveMany(this.#gathered.splice(0, MOVED_AT_ONCE))
      }
    } catch (error) {
      this.#onFailed(error)
    } finally {
      this.#writing = null
    }
  }
}
