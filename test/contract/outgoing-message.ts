import { randomBytes } from 'node:crypto'
import type { OutgoingMessage } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'

/** A message id of WhatsApp's own shape. */
export function newMessageId(): string {
  return `3EB0${randomBytes(9).toString('hex').toUpperCase()}`
}

/** A text that may be sent for the next ten seconds, under a new id. */
export function textTo(chatId: string, text: string, more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    messageId: newMessageId(),
    chatId,
    body: text,
    options: { mentionedJidList: [] },
    previewOf: text,
    deadline: Date.now() + 10_000,
    ...more,
  }
}
