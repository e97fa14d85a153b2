import { randomBytes } from 'node:crypto'
import type { OutgoingText } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'

/** A message id of WhatsApp's own shape. */
export function newMessageId(): string {
  return `3EB0${randomBytes(9).toString('hex').toUpperCase()}`
}

/** A text that may be sent for the next ten seconds, under a new id. */
export function textTo(chatId: string, text: string, more: Partial<OutgoingText> = {}): OutgoingText {
  return {
    messageId: newMessageId(),
    chatId,
    text,
    mentions: [],
    deadline: Date.now() + 10_000,
    ...more,
  }
}
