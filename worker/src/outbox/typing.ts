import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import type { WhatsAppClient } from '../whatsapp/whatsapp-client.ts'

/** Shows the typing indicator in a chat for so long (ms). It is for show: nothing that goes wrong with it is an error. */
export async function typeFor(
  ms: number,
  chatId: string,
  { client, logger }: { client: WhatsAppClient; logger: Logger },
): Promise<void> {
  if (ms <= 0) return
  tell(true, chatId, client, logger)
  await pause(ms, undefined, { ref: false })
}

/** Takes the indicator away; a message that is sent does so by itself. */
export function stopTyping(
  chatId: string,
  { client, logger }: { client: WhatsAppClient; logger: Logger },
): void {
  tell(false, chatId, client, logger)
}

/** Nobody waits for the page here. */
function tell(isTyping: boolean, chatId: string, client: WhatsAppClient, logger: Logger): void {
  client.typing(chatId, isTyping).catch((err) => logger.debug({ err }, 'the typing indicator was not shown'))
}
