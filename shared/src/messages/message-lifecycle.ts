/**
 * The states of a message from acceptance to its end. Every move from one to another is a compare-and-set in Redis
 * (`redis/message/move-message.ts`), so that two processes never both make it.
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

/** The fields of a record that say when it came to a state: `sentAt` for `sent`. `acceptedAt` takes the place of `queuedAt`. */
export const messageMoments = messageStates.flatMap((state) =>
  state === 'queued' ? [] : [`${state}At` as const],
)

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
    'It may have been sent: it was being handed to WhatsApp when its worker died, or when WhatsApp Web gave it up without saying whether it had left. It is not sent again; a receipt corrects this.',
}

/**
 * Which states may follow which. From `sending` a message goes back to `queued` only where it was certainly not sent. An ack
 * corrects `unknown`, since it proves that the message was sent.
 */
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

/** The states from which `to` may be reached. */
export function statesBefore(to: MessageState): MessageState[] {
  return messageStates.filter((from) => messageTransitions[from].includes(to))
}

/** True once it is decided whether the message is sent. Receipts may still follow. */
export function isSettled(state: MessageState): boolean {
  return state !== 'queued' && state !== 'sending'
}

const ackedStates = ['sent', 'delivered', 'read', 'played'] as const
export type AckedState = (typeof ackedStates)[number]

/** True where WhatsApp has acked it. */
export function isAcked(state: MessageState): state is AckedState {
  return (ackedStates as readonly MessageState[]).includes(state)
}

/** WhatsApp's ack numbers (1 server, 2 device, 3 read, 4 played) as states. Source: `MessageAck` of whatsapp-web.js. */
export function stateOfAck(ack: number): AckedState | null {
  return ackedStates[ack - 1] ?? null
}
