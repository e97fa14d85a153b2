import { z } from 'zod'

/** A telephone number that WhatsApp has to be asked about, or a chat that was named outright. */
export type Recipient = { kind: 'number'; digits: string } | { kind: 'chat'; chatId: string }

/** `reason` is the end of a sentence: "must be a phone number with country code; it has fewer than 5 digits". */
export interface Unreadable {
  kind: 'unreadable'
  reason: string
}

/** The usual case: nothing has to be dropped. E.164 allows 15 digits; the shortest numbers in use have 5. */
const PLAIN_NUMBER = /^[1-9][0-9]{4,14}$/
/** Spaces, direction marks, control characters and everything else that cannot be seen. U+2800 is the blank of braille. */
const INVISIBLE = /[\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u
/** `Dash` has all hyphens, dashes and minus signs; the others are bullets and marks that look like one. */
const DASH = /[\p{Dash}\u2043\u30fc]/u
const DIGIT = /\p{Nd}/u
/** What an account posts for a day, to whom its privacy settings say. */
const STATUS = 'status@broadcast'

/**
 * Reads whom a request names: `to`, a mention, a pairing number, a chat id in a path. All spellings of one number give
 * the same digits, and none is added or taken away: only WhatsApp knows which chat a number belongs to.
 */
export function parseRecipient(text: string): Recipient | Unreadable {
  if (PLAIN_NUMBER.test(text)) return { kind: 'number', digits: text }
  const sources: string[] = []
  let plain = ''
  for (const source of text) {
    const read = plainCharacter(source)
    if (read === '') continue
    sources.push(source)
    plain += read
  }
  if (plain === '') return unreadable('it is empty')
  const start = /^(whatsapp|tel):/.exec(plain)?.[0].length ?? 0
  const at = plain.indexOf('@', start)
  const name = at === -1 ? plain.slice(start) : plain.slice(start, at)
  const read = readName(name, at === -1 ? 'c.us' : plain.slice(at + 1))
  return typeof read === 'number' ? cannotRead(sources[start + read] as string) : read
}

/** One text for all spellings of a recipient: what idempotency, order and urgency compare. */
export function recipientKey(text: string): string {
  const recipient = parseRecipient(text)
  if (recipient.kind === 'number') return recipient.digits
  return recipient.kind === 'chat' ? recipient.chatId : text
}

/** What is at the end of a message's way. */
export type Place = 'person' | 'group' | 'channel' | 'status'

/** @param recipient a number in digits, or a chat id */
export function placeOf(recipient: string): Place {
  if (recipient.endsWith('@g.us')) return 'group'
  if (recipient.endsWith('@newsletter')) return 'channel'
  return recipient === STATUS ? 'status' : 'person'
}

/** What one character stands for; empty where it stands for nothing. One that has no meaning here is returned as it is. */
function plainCharacter(source: string): string {
  if (DIGIT.test(source)) return String(digitValue(source.codePointAt(0) as number))
  if (INVISIBLE.test(source)) return ''
  if (DASH.test(source)) return '-'
  // Full-width signs and letters. Circled and raised digits stay unreadable, since they are no digits of a number.
  const plain = source.normalize('NFKC').toLowerCase()
  return /^[+@.:()[\]a-z]$/.test(plain) ? plain : source
}

/** Unicode keeps the ten digits of a script side by side, 0 first, and such groups of ten directly after each other. */
function digitValue(codePoint: number): number {
  let before = 0
  while (DIGIT.test(String.fromCodePoint(codePoint - before - 1))) before++
  return before % 10
}

/** @returns in place of the recipient the index of the first character that has no meaning in it */
function readName(name: string, server: string): Recipient | Unreadable | number {
  switch (server) {
    case 'c.us':
    case 's.whatsapp.net':
      return readNumber(name)
    case 'lid':
      return readChat(withoutDevice(name).user, server, /[^0-9]/)
    case 'g.us':
      return readChat(name, server, /[^0-9-]/)
    case 'newsletter':
      return readChat(name, server, /[^0-9]/)
    case 'broadcast':
      return name === 'status'
        ? { kind: 'chat', chatId: STATUS }
        : unreadable('only status@broadcast is known before @broadcast')
    default: {
      const read = readNumber(name)
      // With a number before it, it is the `@` that leads nowhere.
      return typeof read === 'number' ? read : name.length
    }
  }
}

function readNumber(name: string): Recipient | Unreadable | number {
  const { user, device } = withoutDevice(name)
  // Before a device a dot starts an agent, `5511987650001.0:12`: what follows it is no part of the number.
  const unknown = device === '' ? /[^0-9+().[\]-]/ : /[^0-9+()[\]-]/
  const second = /(?<=[0-9+].*)\+/
  const wrong = [user.search(unknown), user.search(second)].filter((index) => index !== -1)
  if (wrong.length > 0) return Math.min(...wrong)
  const digits = user
    .replace(/[.-]/g, '')
    // "+44 (0)20": the zero is dialled inside the country only. Without a country code before it, it stays.
    .replace(/(?<=[1-9].*)\(0\)/g, '')
    .replace(/[()[\]]/g, '')
    .replace(/^\+|^00/, '')
  if (digits.startsWith('0')) return unreadable('it begins with 0, so the country code is missing')
  if (digits.length < 5) return unreadable('it has fewer than 5 digits')
  if (digits.length > 15) return unreadable('it has more than 15 digits')
  return { kind: 'number', digits }
}

function readChat(user: string, server: string, unknown: RegExp): Recipient | Unreadable | number {
  const wrong = user.search(unknown)
  if (wrong !== -1) return wrong
  return /^[0-9]{5,30}(-[0-9]{5,20})?$/.test(user)
    ? { kind: 'chat', chatId: `${user}@${server}` }
    : unreadable(`no chat id has such digits before @${server}`)
}

/** WhatsApp's protocol names one device of a person as `5511987650001:12`. */
function withoutDevice(name: string): { user: string; device: string } {
  const device = /:[0-9]{1,5}$/.exec(name)?.[0] ?? ''
  return { user: name.slice(0, name.length - device.length), device }
}

function cannotRead(character: string): Unreadable {
  const code = (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')
  return unreadable(`the character U+${code} cannot be read`)
}

function unreadable(reason: string): Unreadable {
  return { kind: 'unreadable', reason }
}

const NUMBER = 'must be a phone number with country code'
const RECIPIENT = `${NUMBER}, or a chat id ending in @c.us, @g.us, @lid or @newsletter, or status@broadcast`
const PERSON = `${NUMBER}, or a chat id ending in @c.us or @lid`

/** Whom a message goes to, kept as the caller wrote it. */
export const recipientSchema = spelling(RECIPIENT).superRefine((text, context) => {
  const recipient = parseRecipient(text)
  if (recipient.kind === 'unreadable') refuse(context, RECIPIENT, recipient.reason)
})

/** A person whom a text mentions, as digits or as the chat id of a LID. */
export const personSchema = spelling(PERSON).transform((text, context) => {
  const person = parseRecipient(text)
  if (person.kind === 'number') return person.digits
  if (person.kind === 'chat' && person.chatId.endsWith('@lid')) return person.chatId
  return refuse(context, PERSON, person.kind === 'chat' ? 'that chat is no person' : person.reason)
})

/** A chat that a path names, as the digits of a person's number or as a chat id. */
export const chatIdSchema = spelling(RECIPIENT).transform((text, context) => {
  const chat = parseRecipient(text)
  if (chat.kind === 'number') return chat.digits
  return chat.kind === 'chat' ? chat.chatId : refuse(context, RECIPIENT, chat.reason)
})

/** A group that a path names, as its chat id. */
export const groupIdSchema = chatOfKind('@g.us', 'group')

/** A channel that a path names, as its chat id. */
export const channelIdSchema = chatOfKind('@newsletter', 'channel')

/** A telephone number, as digits. */
export const phoneNumberSchema = spelling(NUMBER).transform((text, context) => {
  const number = parseRecipient(text)
  if (number.kind === 'number') return number.digits
  return refuse(context, NUMBER, number.kind === 'chat' ? 'that is a chat id' : number.reason)
})

function chatOfKind(ending: string, kind: string) {
  const expected = `must be the id of a ${kind}, ending in ${ending}`
  return spelling(expected).transform((text, context) => {
    const chat = parseRecipient(text)
    if (chat.kind === 'chat' && chat.chatId.endsWith(ending)) return chat.chatId
    return refuse(context, expected, chat.kind === 'unreadable' ? chat.reason : `that is no ${kind}`)
  })
}

function spelling(expected: string) {
  return z
    .string(`${expected}; it is not a string`)
    .max(64, { abort: true, error: 'must have at most 64 characters' })
}

function refuse(context: z.RefinementCtx, expected: string, reason: string): never {
  context.addIssue({ code: 'custom', message: `${expected}; ${reason}` })
  return z.NEVER
}
