import type { Logger } from '@wsg/shared/logger.ts'
import type { MessageState } from '@wsg/shared/messages/message-lifecycle.ts'
import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import type { Fence } from '../lease/fence.ts'
import { ClientClosed, NotHandedOver, PageNotReached, SendDeadlinePassed } from '../whatsapp/client-errors.ts'
import type { ResolvedChat, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { AckTracker, AwaitedAck } from './ack-tracker.ts'
import type { MessageLog } from './message-log.ts'

export interface SendParts {
  client: WhatsAppClient
  messages: MessageLog
  acks: AckTracker
  fence: Fence
  logger: Logger
}

/**
 * `settled`: the record has its outcome. `not_sent`: the page was not reached in time, WhatsApp certainly did not
 * get it and its record is still in `sending`. `undecided`: it may have been sent; the record stays in `sending` until a new owner asks for it.
 */
export type SendOutcome = 'settled' | 'not_sent' | 'undecided'

/**
 * Hands one message to WhatsApp and follows it to the server's ack. Its record is in `sending` already: the intent
 * is written before the page is touched, so that whatever happens here, a successor knows where to look.
 * @param isAgain an earlier owner may have handed it over: that it is not sent now does not say that it never was
 * @throws FenceClosed where the lease can no longer be counted on, before anything was handed over or after
 */
export async function sendMessage(
  record: MessageRecord,
  chat: ResolvedChat,
  parts: SendParts,
  isAgain = false,
): Promise<SendOutcome> {
  const { client, messages, acks, fence, logger } = parts
  const ack = acks.expect(record.id)
  let sent: { messageId: string; lid?: string }
  try {
    fence.check()
    sent = await client.sendText({
      messageId: record.id,
      chatId: chat.chatId,
      text: record.content.text,
      linkPreview: record.content.linkPreview,
      mentions: record.content.mentions,
      ...(record.replyTo === undefined ? {} : { replyTo: record.replyTo }),
      deadline: fence.deadline(),
      ...(isAgain && { again: true }),
    })
  } catch (error) {
    // An ack proves that it left, whatever the call said.
    if (ack.state !== null) {
      return await settle(record.id, ack, await fullIdOf(record, parts), parts)
    }
    if (isNothingDone(error)) {
      ack.release()
      return 'not_sent'
    }
    if (error instanceof NotHandedOver) {
      ack.release()
      if (isAgain) await messages.move(record.id, 'unknown', { reason: 'outcome_unknown' })
      else await messages.move(record.id, 'failed', { reason: error.code })
      return 'settled'
    }
    logger.error({ err: error, messageId: record.id }, 'it is not known whether a message was handed over')
    return 'undecided'
  }
  await ack.first
  return await settle(record.id, ack, { messageId: sent.messageId, ...lidOf(sent, chat) }, parts)
}

/**
 * Writes what became of a message that an earlier owner handed over and that has an ack.
 * @param fullId WhatsApp's id of it, where the page told it already
 */
export async function awaitEarlierSend(
  record: MessageRecord,
  ack: AwaitedAck,
  fullId: string | undefined,
  parts: SendParts,
): Promise<SendOutcome> {
  await ack.first
  const fields = fullId === undefined ? await fullIdOf(record, parts) : { messageId: fullId }
  return await settle(record.id, ack, fields, parts)
}

/** Writes the state that the acks amount to, and the later ones that arrive meanwhile; nothing where none came. */
async function settle(
  id: string,
  ack: AwaitedAck,
  fields: { messageId?: string; lid?: string },
  { messages }: SendParts,
): Promise<SendOutcome> {
  let written: MessageState | null = null
  try {
    while (written !== ack.state && ack.state !== null) {
      // `sent` first, even when a later ack is here already: its time belongs in the record.
      written = written === null && ack.state !== 'failed' ? 'sent' : ack.state
      await messages.move(id, written, written === 'failed' ? { ...fields, reason: 'send_failed' } : fields)
    }
    return written === null ? 'undecided' : 'settled'
  } finally {
    ack.release()
  }
}

/** WhatsApp's id of a message, as the page knows it. */
async function fullIdOf(record: MessageRecord, { client }: SendParts): Promise<{ messageId?: string }> {
  const found = await client.findOutcome(record.id, record.chatId).catch(() => null)
  return found === null || found.found === 'absent' ? {} : { messageId: found.messageId }
}

function isNothingDone(error: unknown): boolean {
  return (
    error instanceof SendDeadlinePassed || error instanceof PageNotReached || error instanceof ClientClosed
  )
}

function lidOf(sent: { lid?: string }, chat: ResolvedChat): { lid?: string } {
  const lid = sent.lid ?? chat.lid
  return lid === undefined ? {} : { lid }
}
