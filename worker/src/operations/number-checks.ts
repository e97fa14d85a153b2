import { OperationRefused } from '../whatsapp/client-errors.ts'
import type { ResolvedChat, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'

/** So many numbers are asked for at once, then one every 3 s: about 20 a minute. Faster ones get accounts banned. */
const AT_ONCE = 10
const EVERY_MS = 3_000
/** What is left to the server for its answer. */
const ANSWER_MS = 5_000

/** Looks numbers up for callers, at a pace for those that the server has to be asked for. */
export class NumberChecks {
  #nextAt = Number.NEGATIVE_INFINITY

  /**
   * @returns null where the number is not on WhatsApp
   * @throws OperationRefused where its turn would come too late, and what `resolveNumber` throws
   */
  async check(
    client: Pick<WhatsAppClient, 'knowsNumber' | 'resolveNumber'>,
    digits: string,
    deadline: number,
  ): Promise<ResolvedChat | null> {
    if (!client.knowsNumber(digits)) await this.#turn(deadline - Date.now() - ANSWER_MS)
    return await client.resolveNumber(digits)
  }

  async #turn(limitMs: number): Promise<void> {
    const now = performance.now()
    const at = Math.max(this.#nextAt, now - (AT_ONCE - 1) * EVERY_MS)
    if (at > now && at - now > limitMs) throw new OperationRefused('too_many_number_checks')
    this.#nextAt = at + EVERY_MS
    if (at > now) await new Promise((resolve) => setTimeout(resolve, at - now))
  }
}
