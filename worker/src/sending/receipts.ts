import type { Receipt } from '@wsg/shared/redis/move-message.ts'
import type { MessageLog } from './message-log.ts'

/**
 * Writes what WhatsApp reports of messages that nobody waits for any more. What is reported while it writes goes with
 * the next command, so that the busier a session is, the less each receipt costs.
 */
export class Receipts {
  readonly #messages: Pick<MessageLog, 'noteReceipts'>
  readonly #onFailed: (error: unknown) => void
  #gathered: Receipt[] = []
  #isWriting = false

  constructor(messages: Pick<MessageLog, 'noteReceipts'>, onFailed: (error: unknown) => void) {
    this.#messages = messages
    this.#onFailed = onFailed
  }

  add(receipt: Receipt): void {
    this.#gathered.push(receipt)
    if (!this.#isWriting) void this.#write()
  }

  async #write(): Promise<void> {
    this.#isWriting = true
    try {
      while (this.#gathered.length > 0) {
        // What the page reports in one turn is added in one turn.
        await Promise.resolve()
        await this.#messages.noteReceipts(this.#gathered.splice(0))
      }
    } catch (error) {
      this.#onFailed(error)
    } finally {
      this.#isWriting = false
    }
  }
}
