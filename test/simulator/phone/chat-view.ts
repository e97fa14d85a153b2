import type { PhoneMessage } from './control-client.ts'

const ACKS: Record<number, string> = {
  0: 'sent, not acked',
  1: '✓ at the server',
  2: '✓✓ delivered',
  3: '✓✓ read',
}

export interface ChatSummary {
  peer: string
  last: PhoneMessage
}

/** The chats of a phone, the newest first. */
export function chatsOf(phone: string, messages: PhoneMessage[]): ChatSummary[] {
  const byPeer = new Map<string, ChatSummary>()
  for (const message of messages) {
    const peer = message.from === phone ? message.to : message.from
    byPeer.delete(peer)
    byPeer.set(peer, { peer, last: message })
  }
  return [...byPeer.values()].reverse()
}

/** What of a message can be shown as text: of a file, its kind and what was written with it. */
export function shownText({ type, body, extras }: PhoneMessage): string {
  if (type === 'chat') return body
  return `[${type}] ${extras?.caption ?? extras?.filename ?? ''}`
}

/** One message as a list item: text as text, never as markup. */
export function messageItem(phone: string, message: PhoneMessage): HTMLLIElement {
  const item = document.createElement('li')
  const mine = message.from === phone
  item.classList.toggle('mine', mine)
  if (message.quoted) {
    const quote = document.createElement('blockquote')
    quote.textContent = message.quoted.body
    item.append(quote)
  }
  const when = document.createElement('small')
  const time = new Date(message.at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  when.textContent = mine ? `${time} · ${ACKS[message.ack] ?? `ack ${message.ack}`}` : time
  item.append(shownText(message), when)
  return item
}
