import type { Fence } from '../lease/fence.ts'
import { SendQueue } from '../queues/send-queue.ts'
import type { MessageLog } from '../sending/message-log.ts'
import { Sender } from '../sending/sender.ts'
import type { WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { SessionOptions } from './session-options.ts'

const LONGEST_BLOCK_MS = 5_000

export interface SenderParts {
  client: WhatsAppClient
  messages: MessageLog
  fence: Fence
  ending(): boolean
  onClientSuspect(detail: string): void
}

/** The sending half of a session that is ready. */
export function createSender(options: SessionOptions, parts: SenderParts): Sender {
  const { sessionId, settings, queues, logger } = options
  const { client, messages, fence, ending, onClientSuspect } = parts
  const { leaseTtlMs, resendAfterCrash } = settings
  return new Sender({
    client,
    fence,
    logger,
    resendAfterCrash,
    messages,
    jobs: new SendQueue({
      connection: queues,
      sessionId,
      logger,
      blockMs: Math.min(LONGEST_BLOCK_MS, leaseTtlMs / 2),
      mayFetch: () => fence.isOpen() && !ending(),
    }),
    onClientSuspect,
  })
}
