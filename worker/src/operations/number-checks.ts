import { OperationRefused } from '../whatsapp/client-errors.ts'
import type { ResolvedChat, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import { Pace } from './pace.ts'

/** So many numbers are asked for at once, then about 20 a minute. Faster ones get accounts banned. */
const RATE = { atOnce: 10, everyMs: 3_000 }
/** What is left to the server for its answer. */
const ANSWER_MS = 5_000

/** Looks numbers up for callers, at a pace for those that the server has to be asked for. */
export class NumberChecks {
  readonly #pace = new Pace(RATE)

  /**
   * @returns null where the number is not on WhatsApp
   * @throws OperationRefused where its turn would come too late, and what `resolveNumber` throws
   */
  async check(
    client: Pick<WhatsAppClient, 'knowsNumber' | 'resolveNumber'>,
    digits: string,
    deadline: number,
  ): Promise<ResolvedChat | null> {
    const isTurn = client.knowsNumber(digits) || (await this.#pace.turn(deadline - Date.now() - ANSWER_MS))
    if (!isTurn) throw new OperationRefused('too_many_number_checks')
    return await client.resolveNumber(digits)
  }
}
