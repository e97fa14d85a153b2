import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'

/** Whom a message goes to, as every answer about it says: what the caller wrote, and the chat that it turned out to be. */
export function toRecipientAnswer({ to, chatId, lid }: Pick<MessageRecord, 'to' | 'chatId' | 'lid'>) {
  return { input: to, chatId: chatId ?? null, ...(lid !== undefined && { lid }) }
}
