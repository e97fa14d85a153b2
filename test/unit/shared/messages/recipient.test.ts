import {
  parseRecipient,
  personSchema,
  phoneNumberSchema,
  recipientKey,
  recipientSchema,
} from '@wsg/shared/messages/recipient.ts'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const DIGITS = '5511987650001'
const reasonOf = (text: string) => {
  const read = parseRecipient(text)
  return read.kind === 'unreadable' ? read.reason : read
}

describe('a number', () => {
  it.each([
    '5511987650001',
    '+5511987650001',
    '+55 11 98765-0001',
    '+55 (11) 98765.0001',
    '005511987650001',
    '00 55 11 98765-0001',
    '(00)55 11 98765-0001',
    '(+55) 11 98765 0001',
    '+55 (0)11 98765 0001',
    '+55 ( 0 ) 11 98765 0001',
    '(55)(0)11 98765 0001',
    '\u202a+55 11 98765\u20110001\u202c',
    '\u200e55\u206911\u200b98765\u00ad0001\ufeff',
    '+55\u201311\u201498765\u20150001',
    '+55\u221211\ufe5898765\uff0d0001',
    '＋５５（１１）９８７６５．０００１',
    '٥٥١١٩٨٧٦٥٠٠٠١',
    '+۵۵ ۱۱ ۹۸۷۶۵-۰۰۰۱',
    '५५११९८७६५०००१',
    '𝟝𝟝𝟏𝟏987650001',
    'whatsapp:+5511987650001',
    'WhatsApp:+55 11 98765-0001',
    'tel:+55-11-98765-0001',
    'TEL:005511987650001',
    '5511987650001@c.us',
    '5511987650001@C.US',
    '5511987650001@s.whatsapp.net',
    '5511987650001@S.WhatsApp.Net ',
    '5511987650001:12@s.whatsapp.net',
    '5511987650001:12',
    '+55 11 98765-0001@c.us',
    'whatsapp:5511987650001＠ｃ．ｕｓ',
  ])('is read from %j', (text) => {
    expect(parseRecipient(text)).toEqual({ kind: 'number', digits: DIGITS })
  })

  it('loses the zero in brackets after a country code, as it is dialled inside the country only', () => {
    expect(recipientKey('+44 (0)20 7946 0001')).toBe('442079460001')
    expect(recipientKey('0044 (0) 20 7946 0001')).toBe('442079460001')
  })

  it.each(['011987650001', '(0)11 98765 0001', '+0 11 98765 0001', '000 11 98765', '(011) 98765-0001', '0'])(
    'has no country code where it is %j',
    (text) => {
      expect(reasonOf(text)).toBe('it begins with 0, so the country code is missing')
    },
  )

  it.each([
    ['', 'it is empty'],
    [' \u200e\t', 'it is empty'],
    ['+', 'it has fewer than 5 digits'],
    ['1234', 'it has fewer than 5 digits'],
    ['@c.us', 'it has fewer than 5 digits'],
    ['1234567890123456', 'it has more than 15 digits'],
  ])('is none where it is %j', (text, reason) => {
    expect(reasonOf(text)).toBe(reason)
  })
})

it.each([
  ['120363021033254949@g.us', '120363021033254949@g.us'],
  ['5511999887766-1500000000@g.us', '5511999887766-1500000000@g.us'],
  ['\u200e5511999887766\u20111500000000@G.US', '5511999887766-1500000000@g.us'],
  ['84512345678901@lid', '84512345678901@lid'],
  ['84512345678901:3@LID', '84512345678901@lid'],
  ['120363111111111111@newsletter', '120363111111111111@newsletter'],
])('%j is the chat %s', (text, chatId) => {
  expect(parseRecipient(text)).toEqual({ kind: 'chat', chatId })
  expect(recipientKey(text)).toBe(chatId)
})

it.each([
  ['Alice', 'U+0041'],
  ['alice@example.com', 'U+0061'],
  ['5511999887766@example.com', 'U+0040'],
  ['5511999887766@', 'U+0040'],
  ['5511999887766@lid@lid', 'U+0040'],
  ['+55 11 98765-0001 x', 'U+0078'],
  ['55+11987650001', 'U+002B'],
  ['++5511987650001', 'U+002B'],
  ['55/11987650001', 'U+002F'],
  ['tel:+5511987650001;ext=5', 'U+003B'],
  ['5511987650001.0:12@s.whatsapp.net', 'U+002E'],
  ['whatsapp://5511987650001', 'U+002F'],
  ['551198765000①', 'U+2460'],
  ['551198765000²', 'U+00B2'],
  ['551198765000½', 'U+00BD'],
  ['5511\u{1f600}987650001', 'U+1F600'],
  ['5511\ud83d987650001', 'U+D83D'],
  ['../5511@g.us', 'U+002E'],
  ['+120363021033254949@g.us', 'U+002B'],
  ['84512345678901-3@lid', 'U+002D'],
  ['120363021033254949:3@g.us', 'U+003A'],
])('%j is refused, and %s is named as the first character that has no meaning there', (text, character) => {
  expect(reasonOf(text)).toBe(`the character ${character} cannot be read`)
})

it('refuses a chat id that is too short or too long', () => {
  expect(reasonOf('123@lid')).toBe('no chat id has such digits before @lid')
  expect(reasonOf('5511999887766-@g.us')).toBe('no chat id has such digits before @g.us')
})

describe('whatever is written', () => {
  const number = fc.stringMatching(/^[1-9][0-9]{4,14}$/)
  const invisible = fc.constantFrom(
    ...' \t\n\u00a0\u2003\u3000\u200b\u200d\u200e\u200f\u202a\u202c\u2066\u2069\ufeff\u00ad\ufe0f\u061c',
  )
  const separator = fc.oneof(
    invisible,
    fc.constantFrom(...'-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\uff0d.()[]'),
  )
  const zero = fc.constantFrom('0', '０', '٠', '۰', '०', '๐', '𝟎', '𝟢')
  const inDigitsOf = (digit: string, first: string) =>
    String.fromCodePoint((first.codePointAt(0) as number) + Number(digit))
  /** The digits in any script, with anything between them that says nothing. */
  const spelt = (digits: string) =>
    fc
      .tuple(
        ...[...digits].map((digit) =>
          fc
            .tuple(fc.array(separator, { maxLength: 2 }), zero)
            .map(([between, first]) => between.join('') + inDigitsOf(digit, first)),
        ),
      )
      .map((parts) => parts.join(''))
  const ending = fc.constantFrom('', ':3', '@c.us', '@C.us', '@s.whatsapp.net')
  const start = fc.constantFrom('', '+', '00', '＋', 'tel:', 'whatsapp:+', 'WHATSAPP:', 'tel:00')

  it('every spelling of one number is the same number', async () => {
    const spelling = number.chain((digits) =>
      fc.tuple(fc.constant(digits), start, spelt(digits), ending, invisible),
    )
    await fc.assert(
      fc.property(spelling, ([digits, before, written, after, blank]) => {
        // A dot before a device would be the name of an agent, and "(0)" a zero that is left out.
        const plain = after === ':3' ? written.replaceAll('.', '') : written
        fc.pre(!/\(\p{Nd}\)/u.test(plain.replace(/[^\p{Nd}()]/gu, '')))
        expect(parseRecipient(blank + before + plain + after + blank)).toEqual({ kind: 'number', digits })
      }),
    )
  })

  it('the key of a key is itself, so that a recipient can be stored as its key', async () => {
    await fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          number.map((n) => `+${n}`),
        ),
        (text) => {
          expect(recipientKey(recipientKey(text))).toBe(recipientKey(text))
        },
      ),
    )
  })

  it('a number has the digits that were written, in their order', async () => {
    const text = fc.string({ unit: fc.constantFrom(...'0123456789+-. ()[]:@cus') })
    await fc.assert(
      fc.property(text, (written) => {
        const read = parseRecipient(written)
        if (read.kind !== 'number') return
        const digits = written
          .split('@')[0]
          ?.replaceAll(' ', '')
          .replace(/:\d+$/, '')
          .replace(/[-.]/g, '')
          .replace(/(?<=[1-9].*)\(0\)/g, '')
          .replace(/\D/g, '')
        expect([read.digits, `00${read.digits}`]).toContain(digits)
      }),
    )
  })

  it('is read or refused with a reason, never an error, and what is refused is not shown', async () => {
    await fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const read = parseRecipient(text)
        if (read.kind === 'unreadable') expect(read.reason).toMatch(/^[\x20-\x7e]+$/)
      }),
    )
  })
})

it('reads the decimal digits of every script', () => {
  for (const system of Intl.supportedValuesOf('numberingSystem')) {
    const digits = new Intl.NumberFormat(`en-u-nu-${system}`, { useGrouping: false }).format(1234567890)
    if (!/^\p{Nd}{10}$/u.test(digits)) continue
    expect([system, recipientKey(digits)]).toEqual([system, '1234567890'])
  }
})

it('says in a sentence what is accepted and what is wrong', () => {
  const say = (
    schema: { safeParse(value: unknown): { error?: { issues: { message: string }[] } } },
    value: unknown,
  ) => schema.safeParse(value).error?.issues.map(({ message }) => message)
  expect(say(recipientSchema, 'Alice')).toEqual([
    'must be a phone number with country code, or a chat id ending in @c.us, @g.us, @lid or @newsletter, or status@broadcast; the character U+0041 cannot be read',
  ])
  expect(say(recipientSchema, 5511987650001)?.[0]).toMatch(/; it is not a string$/)
  expect(say(recipientSchema, '1'.repeat(65))).toEqual(['must have at most 64 characters'])
  expect(say(personSchema, '120363021033254949@g.us')).toEqual([
    'must be a phone number with country code, or a chat id ending in @c.us or @lid; that chat is no person',
  ])
  expect(say(phoneNumberSchema, '84512345678901@lid')).toEqual([
    'must be a phone number with country code; that is a chat id',
  ])
  expect(say(phoneNumberSchema, '011987650001')).toEqual([
    'must be a phone number with country code; it begins with 0, so the country code is missing',
  ])
})

it('keeps what a message goes to as it was written, and reads whom it mentions', () => {
  expect(recipientSchema.parse('+55 11 98765-0001')).toBe('+55 11 98765-0001')
  expect(personSchema.parse('+55 11 98765-0001')).toBe(DIGITS)
  expect(personSchema.parse('84512345678901:3@LID')).toBe('84512345678901@lid')
  expect(phoneNumberSchema.parse('00 55 11 98765-0001')).toBe(DIGITS)
})
