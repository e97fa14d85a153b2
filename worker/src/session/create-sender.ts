import type { Fence } from '../lease/fence.ts'
import type { MessageLog } from '../outbox/message-log.ts'
import { Sender } from '../outbox/sender.ts'
import type { SessionNotifications } from '../session-notifications.ts'
import type { Account, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { SessionEnd } from './session-end.ts'
import type { SessionMachine } from './session-machine.ts'
import type { SessionOptions } from './session-options.ts'

export interface SenderParts {
  client: WhatsAppClient
  messages: MessageLog
  fence: Fence
  machine: Pick<SessionMachine, 'report'>
  notifications: SessionNotifications
  end(end: SessionEnd): void
}

/** The sending half of a session that is ready under `account`. It begins at once. */
export function createSender(
  options: SessionOptions,
  { account }: Pick<Account, 'account'>,
  parts: SenderParts,
): Sender {
  const { settings, logger } = options
  const { client, messages, fence, machine, notifications, end } = parts
  const { resendAfterCrash, pacing, ackLimits } = settings
  const sender = new Sender({
    client,
    fence,
    logger,
    resendAfterCrash,
    pacing,
    ackLimits,
    messages,
    notifications,
    report: (fields, happened) => machine.report(fields, happened),
    onClientSuspect: (detail) => end({ kind: 'fault', fault: { kind: 'page_unresponsive', detail } }),
    onUnacked: (detail, restarts) => end({ kind: 'unacked', restarts, detail }),
  })
  void sender.start(account)
  return sender
}
