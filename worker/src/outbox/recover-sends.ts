import type { Logger } from '@wsg/shared/logger.ts'
import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import type { ResolvedChat, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { AckTracker, AwaitedAck } from './ack-tracker.ts'
import type { MessageLog } from './message-log.ts'

export interface RecoverSendsParts {
  messages: MessageLog
  client: WhatsAppClient
  acks: AckTracker
  resendAfterCrash: 'never' | 'same-id'
  /** Digits of the account that is logged in. */
  account: string
  logger: Logger
  /** Its outcome is known or will come: it goes to the head of its chat's lane until it is written. */
  follow(record: MessageRecord, chat: ResolvedChat, ack: AwaitedAck, fullId: string | undefined): void
  /** It goes to the head of its chat's lane to be sent under its old id. */
  sendAgain(record: MessageRecord, chat: ResolvedChat): void
}

/**
 * Finds out what became of the messages that the predecessor was handing over when it died: acked ones become
 * `sent`, and one that the page does not know is `unknown`, unless the operator chose to rest on WhatsApp's own
 * deduplication. Then the page also holds pending ones, which it sends by itself and which are waited for; otherwise
 * they were withheld from it before it was loaded.
 */
export async function recoverSends(parts: RecoverSendsParts): Promise<void> {
  const { messages, client, acks, logger, follow } = parts
  const records = await messages.sending()
  // Before any ack is written: one that went past this would leave its record without WhatsApp's full id.
  const awaited = records.map((record) => ({ record, ack: acks.expect(record.id) }))
  acks.open()
  for (const { record, ack } of awaited) {
    const chat = {
      chatId: record.chatId ?? record.to,
      ...(record.lid === undefined ? {} : { lid: record.lid }),
    }
    const outcome = await client.findOutcome(record.id, chat.chatId)
    logger.info(
      { messageId: record.id, found: outcome.found },
      'found a message that the previous owner was sending',
    )
    if (outcome.found === 'acked') acks.arrived(record.id, outcome.state)
    if (outcome.found !== 'absent' || ack.state !== null) {
      follow(record, chat, ack, outcome.found === 'absent' ? undefined : outcome.messageId)
      continue
    }
    ack.release()
    if (mayResend(record, parts)) parts.sendAgain(record, chat)
    else await messages.move(record.id, 'unknown', { reason: 'outcome_unknown' })
  }
}

/** Another account's messages are in another account's store: that this page does not know them proves nothing. */
function mayResend(record: MessageRecord, { resendAfterCrash, account }: RecoverSendsParts): boolean {
  return resendAfterCrash === 'same-id' && (record.account === undefined || record.account === account)
}
