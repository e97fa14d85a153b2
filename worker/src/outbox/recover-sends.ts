import type { Logger } from '@wsg/shared/logger.ts'
import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import type { FoundMessage, ResolvedChat, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { AckTracker } from './ack-tracker.ts'
import type { MessageLog } from './message-log.ts'

/** How many of those that were called `unknown` or `sent` last are looked up again. */
const LOOKED_UP_AGAIN = 100

export interface SendAgain {
  record: MessageRecord
  chat: ResolvedChat
}

export interface RecoverSendsOptions {
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
 * Receipts that were due come when a page is loaded, and go into its store whether or not the message is in memory. So what
 * was called `unknown` or `sent` last is looked up once more; from then on the page tells of later receipts by itself.
 *
 * @returns the messages that are to be sent again, each before everything else in its chat
 */
export async function recoverSends(options: RecoverSendsOptions): Promise<SendAgain[]> {
  const { messages, client, acks, logger } = options
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
    if (outcome.found === 'refused') acks.failed(record.id, { kind: 'refused', code: null })
    if (await ack.settle(fullIdOf(outcome))) continue
    if (mayResend(record, options)) again.push({ record, chat })
    else await messages.move(record.id, 'unknown', { ...fullIdOf(outcome), reason: 'outcome_unknown' })
  }
  const earlier = await Promise.all(
    (['unknown', 'sent'] as const).map((state) => messages.newestIn(state, LOOKED_UP_AGAIN)),
  )
  for (const { messageId, state } of await client.readAcks(earlier.flat())) acks.arrived(messageId, state)
  return again
}

function fullIdOf(outcome: FoundMessage): { messageId?: string } {
  return outcome.found === 'absent' ? {} : { messageId: outcome.messageId }
}

/** Another account's messages are in another account's store: that this page does not know them proves nothing. */
function mayResend(record: MessageRecord, { resendAfterCrash, account }: RecoverSendsOptions): boolean {
  return resendAfterCrash === 'same-id' && (record.account === undefined || record.account === account)
}
