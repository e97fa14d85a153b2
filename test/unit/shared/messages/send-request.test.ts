import { refusalOf } from '@wsg/shared/messages/kinds/message-kinds.ts'
import { sendRequestSchema } from '@wsg/shared/messages/send-request.ts'
import { describe, expect, it, test } from 'vitest'

const to = '5511999887766'
it('takes a plain string as short for a text message', () => {
  const full = { type: 'text', text: 'Hello', linkPreview: true, mentions: [] }
  expect(sendRequestSchema.parse({ to, message: 'Hello' }).message).toEqual(full)
  expect(sendRequestSchema.parse({ to, message: { type: 'text', text: 'Hello' } }).message).toEqual(full)
})

describe('the length of a text', () => {
  test.each([
    ['65,536 letters', 'x'.repeat(65_536), true],
    ['one letter more', 'x'.repeat(65_537), false],
    ['32,768 emoji', '😀'.repeat(32_768), true],
    ['one emoji more', '😀'.repeat(32_769), false],
    ['65,536 emoji', '😀'.repeat(65_536), false],
  ])('is counted in UTF-16 units: %s', (_name, text, fits) => {
    for (const message of [text, { type: 'text', text }])
      expect(sendRequestSchema.safeParse({ to, message }).success).toBe(fits)
  })
})

it('refuses unknown fields by name, within the message too', () => {
  const outer = sendRequestSchema.safeParse({ to, message: 'Hello', mesage: 1 })
  expect(JSON.stringify(outer.error?.issues)).toContain('mesage')
  const inner = sendRequestSchema.safeParse({ to, message: { type: 'text', text: 'Hello', txt: 1 } })
  expect(JSON.stringify(inner.error?.issues)).toContain('txt')
})

const read = (message: object, recipient = to) => sendRequestSchema.safeParse({ to: recipient, message })

test.each([
  ['a location', { type: 'location', latitude: -23.5, longitude: -46.6, name: 'Shop' }, true],
  ['one beyond the pole', { type: 'location', latitude: 90.1, longitude: 0 }, false],
  [
    'one that opens a script',
    { type: 'location', latitude: 0, longitude: 0, url: 'javascript:alert(1)' },
    false,
  ],
  ['a poll', { type: 'poll', question: 'When?', options: ['now', 'later'] }, true],
  ['a poll with one answer', { type: 'poll', question: 'When?', options: ['now'] }, false],
  ['a poll with the same answer twice', { type: 'poll', question: 'When?', options: ['now', 'now '] }, false],
  ['a poll with 13 answers', { type: 'poll', question: '?', options: [...'abcdefghijklm'] }, false],
  ['a contact', { type: 'contact', contacts: [{ name: 'Ann', phone: '+49 151 1234567' }] }, true],
  ['a vCard', { type: 'contact', contacts: [{ vcard: 'BEGIN:VCARD\nFN:Ann\nEND:VCARD' }] }, true],
  ['a text that is no vCard', { type: 'contact', contacts: [{ vcard: 'Ann' }] }, false],
  [
    'somebody on WhatsApp',
    { type: 'contact', contacts: [{ id: '+49 151 1234567' }, { name: 'B', phone: '4915112345678' }] },
    true,
  ],
  ['an event', { type: 'event', name: 'Tea', startsAt: '2027-01-01T10:00:00+01:00', call: 'voice' }, true],
  ['an event without a zone', { type: 'event', name: 'Tea', startsAt: '2027-01-01T10:00:00' }, false],
  [
    'an event that ends before it begins',
    { type: 'event', name: 'Tea', startsAt: '2027-01-01T10:00:00+01:00', endsAt: '2027-01-01T09:00:00Z' },
    false,
  ],
  ['a contact without a number', { type: 'contact', contacts: [{ name: 'Ann' }] }, false],
])('takes what WhatsApp takes: %s', (_name, message, isTaken) => {
  expect(read(message).success).toBe(isTaken)
})

it('takes one moment for the same however it is written', () => {
  const at = (startsAt: string) => read({ type: 'event', name: 'Tea', startsAt }).data?.message
  expect(at('2027-01-01T10:00:00+01:00')).toEqual(at('2027-01-01T09:00:00Z'))
})

it('mentions all only where there are others', () => {
  const message = { type: 'text', text: 'Hello', mentions: 'all' }
  expect(read(message, '120363025246125486@g.us').data?.message).toMatchObject({ mentions: 'all' })
  expect(read(message).error?.issues).toMatchObject([{ path: ['message', 'mentions'] }])
  expect(read({ ...message, mentions: false }).data?.message).toMatchObject({ mentions: [] })
})

test.each([
  ['a text to a channel', '120363025246125486@newsletter', { type: 'text', text: 'Hello' }, undefined],
  ['a text as status', 'status@broadcast', { type: 'text', text: 'Hello' }, undefined],
  [
    'a location to a channel',
    '120363025246125486@newsletter',
    { type: 'location', latitude: 0, longitude: 0 },
    { code: 'not_supported', sentence: 'WhatsApp Web sends no message of type location to a channel.' },
  ],
  [
    'a file to a channel',
    '120363025246125486@newsletter',
    { type: 'image', media: { data: 'AA==' } },
    {
      code: 'not_available_in_this_page',
      sentence: 'WhatsApp Web, as it is today, sends no message of type image to a channel.',
    },
  ],
  [
    'a mention in a status',
    'status@broadcast',
    { type: 'text', text: 'Hello', mentions: [to] },
    { code: 'not_supported', sentence: 'A message to a status has no mentions: leave it out.' },
  ],
])('says whether WhatsApp Web sends %s', (_what, recipient, message, refusal) => {
  expect(refusalOf(sendRequestSchema.parse({ to: recipient, message }))).toEqual(refusal ?? null)
})

it('says that nothing in a channel answers a message', () => {
  const answer = { to: '120363025246125486@newsletter', message: 'Hello', replyTo: '3EB0' }
  expect(refusalOf(sendRequestSchema.parse(answer))?.code).toBe('not_supported')
})
