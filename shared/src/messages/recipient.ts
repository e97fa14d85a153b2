/** Where a message goes, as the caller wrote it: a telephone number to be looked up, or a chat named outright. */
export type Recipient = { kind: 'number'; digits: string } | { kind: 'chat'; chatId: string }

const SEPARATORS = /[\s().-]/g
const NUMBER = /^\+?[0-9]{5,15}$/
/** E.164 allows 15 digits; the shortest international numbers in use have 5 to 7. */
const USER_JID = /^([0-9]{5,15})@(c\.us|s\.whatsapp\.net)$/
const OTHER_JID = /^[0-9]{5,30}(-[0-9]{5,20})?@(g\.us|lid|newsletter)$/

/**
 * Reads the `to` of a send. Numbers may carry a plus, spaces, dots, dashes and brackets; `@s.whatsapp.net` is
 * the server's spelling of `@c.us`. A number is never turned into a chat id here: only WhatsApp knows which
 * chat it belongs to.
 * @returns null where it is none of the accepted spellings
 */
export function parseRecipient(to: string): Recipient | null {
  const text = to.trim()
  const user = USER_JID.exec(text)
  if (user?.[1]) return { kind: 'number', digits: user[1] }
  if (OTHER_JID.test(text)) return { kind: 'chat', chatId: text }
  const compact = text.replace(SEPARATORS, '')
  if (NUMBER.test(compact)) return { kind: 'number', digits: compact.replace('+', '') }
  return null
}

/** One word for all spellings of a recipient that can be told to be the same without asking WhatsApp. */
export function recipientKey(to: string): string {
  const recipient = parseRecipient(to)
  if (recipient === null) return to
  return recipient.kind === 'number' ? recipient.digits : recipient.chatId
}
