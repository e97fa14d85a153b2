import type { Logger } from '@wsg/shared/logger.ts'
import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import type { FoundMessage, ResolvedChat, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { AckTracker } from './ack-tracker.ts'
import type { MessageLog } from './message-log.ts'

/** How many messages that were called unknown earlier are looked up again. */
const UNKNOWN_LOOKED_UP = 50

export interface SendAgain {
  record: MessageRecord
  chat: ResolvedChat
}

export interface RecoverSendsParts {
  messages: MessageLog
  client: WhatsAppClient
  acks: AckTracker
  resendAfterCrash: 'never' | 'same-id'
  /** Digits of the account that is logged in. */
  account: string
  logger: Logger
}

/**
 * Finds out what became of the messages that the predecessor was handing over when it died. One with an ack or a receipt
 * is `sent` and more. Whether any other left cannot be known, and WhatsApp Web does not send it by itself: it is
 * `unknown`, unless the operator chose to rest on WhatsApp's own deduplication, then it is sent again under its id.
 *
 * WhatsApp brings receipts that were due when a page is loaded, so what was called unknown earlier is looked up once more.
 *
 * @returns the messages that are to be sent again, each before everything else in its chat
 */
export async function recoverSends(parts: RecoverSendsParts): Promise<SendAgain[]> {
  const { messages, client, acks, logger } = parts
  const again: SendAgain[] = []
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
    if (await ack.settle(fullIdOf(outcome))) continue
    if (mayResend(record, parts)) again.push({ record, chat })
    else await messages.move(record.id, 'unknown', { ...fullIdOf(outcome), reason: 'outcome_unknown' })
  }
  for (const { id, chatId } of await messages.unknown(UNKNOWN_LOOKED_UP)) {
    const outcome = await client.findOutcome(id, chatId)
    if (outcome.found === 'acked') acks.arrived(id, outcome.state)
  }
  return again
}

function fullIdOf(outcome: FoundMessage): { messageId?: string } {
  return outcome.found === 'absent' ? {} : { messageId: outcome.messageId }
}

/** Another account's messages are in another account's store: that this page does not know them proves nothing. */
function mayResend(record: MessageRecord, { resendAfterCrash, account }: RecoverSendsParts): boolean {
  return resendAfterCrash === 'same-id' && (record.account === undefined || record.account === account)
}
