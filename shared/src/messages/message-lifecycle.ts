/**
 * The states of a message, from acceptance to its end, and what may follow what. Every move is one
 * compare-and-set in Redis (`redis/move-message.ts`), so that two processes never both move it.
 */

export const messageStates = [
  'queued',
  'sending',
  'sent',
  'delivered',
  'read',
  'played',
  'failed',
  'canceled',
  'expired',
  'unknown',
] as const
export type MessageState = (typeof messageStates)[number]

/** One line each, for the documentation and for `GET /messages/:id`. */
export const messageStateSentences: Readonly<Record<MessageState, string>> = {
  queued: 'Accepted and safe in Redis; not yet handed to WhatsApp.',
  sending: 'A worker is handing it to WhatsApp; whether it left is not known yet.',
  sent: "WhatsApp's server has it.",
  delivered: 'It reached the recipient.',
  read: 'The recipient read it.',
  played: 'The recipient played it.',
  failed: 'It was not sent and will not be; `reason` says why.',
  canceled: 'Canceled before it was sent.',
  expired: 'It was not sent before it expired.',
  unknown:
    'A worker died while handing it over and it cannot be known whether it left. It is not sent again.',
}

/** `queued` after `sending` is a proven non-send; later truth may correct `unknown`, an ack proves that it left. */
export const messageTransitions: Readonly<Record<MessageState, readonly MessageState[]>> = {
  queued: ['sending', 'failed', 'canceled', 'expired'],
  sending: ['sent', 'delivered', 'read', 'played', 'failed', 'unknown', 'queued'],
  sent: ['delivered', 'read', 'played', 'failed'],
  delivered: ['read', 'played'],
  read: ['played'],
  played: [],
  failed: [],
  canceled: [],
  expired: [],
  unknown: ['sent', 'delivered', 'read', 'played'],
}

/** The states from which `to` may be reached: what a compare-and-set compares with. */
export function statesBefore(to: MessageState): MessageState[] {
  return messageStates.filter((from) => messageTransitions[from].includes(to))
}

/** True once the outcome of handing it over is decided; receipts may still refine it. */
export function isSettled(state: MessageState): boolean {
  return state !== 'queued' && state !== 'sending'
}

/** True where WhatsApp has acked it. */
export function isAcked(state: MessageState): boolean {
  return state === 'sent' || state === 'delivered' || state === 'read' || state === 'played'
}

/** WhatsApp's ack numbers (1 server, 2 device, 3 read, 4 played; -1 error) as states. Source: `MessageAck` of whatsapp-web.js. */
export function stateOfAck(ack: number): MessageState | null {
  if (ack === -1) return 'failed'
  return ([null, 'sent', 'delivered', 'read', 'played'] as const)[ack] ?? null
}
