import type { Fence } from '../lease/fence.ts'
import { SendQueue } from '../queues/send-queue.ts'
import type { MessageLog } from '../sending/message-log.ts'
import { Sender } from '../sending/sender.ts'
import type { Account, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { SessionEnd } from './session-end.ts'
import type { SessionMachine } from './session-machine.ts'
import type { SessionOptions } from './session-options.ts'

const LONGEST_BLOCK_MS = 5_000

export interface SenderParts {
  client: WhatsAppClient
  messages: MessageLog
  fence: Fence
  machine: Pick<SessionMachine, 'report'>
  ending(): boolean
  end(end: SessionEnd): void
}

/** The sending half of a session that is ready under `account`. It begins at once. */
export function createSender(
  options: SessionOptions,
  { account }: Pick<Account, 'account'>,
  parts: SenderParts,
): Sender {
  const { sessionId, settings, queues, logger } = options
  const { client, messages, fence, machine, ending, end } = parts
  const { leaseTtlMs, resendAfterCrash, pacing, ackLimits } = settings
  const sender = new Sender({
    client,
    fence,
    logger,
    resendAfterCrash,
    pacing,
    ackLimits,
    messages,
    jobs: new SendQueue({
      connection: queues,
      sessionId,
      logger,
      blockMs: Math.min(LONGEST_BLOCK_MS, leaseTtlMs / 2),
      mayFetch: () => fence.isOpen() && !ending(),
    }),
    report: (fields, happened) => machine.report(fields, happened),
    onClientSuspect: (detail) => end({ kind: 'fault', fault: { kind: 'page_unresponsive', detail } }),
    onUnacked: (detail, restarts) => end({ kind: 'unacked', restarts, detail }),
  })
  void sender.start(account)
  return sender
}
