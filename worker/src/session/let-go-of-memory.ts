import type { Logger } from '@wsg/shared/logger.ts'
import { collectGarbage } from '../memory/collect-garbage.ts'
import type { WhatsAppClient } from '../whatsapp/whatsapp-client.ts'

/** Has this process and its page let go of what they need no more. To be called while nothing is being sent. */
export async function letGoOfMemory(client: WhatsAppClient | null, logger: Logger): Promise<void> {
  try {
    await client?.letGoOfMemory()
    await collectGarbage()
  } catch (err) {
    logger.debug({ err }, 'memory was not let go of')
  }
}
