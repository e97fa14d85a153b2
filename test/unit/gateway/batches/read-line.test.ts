import { type LineDefaults, readLine } from '@wsg/gateway/src/batches/read-line.ts'
import { Problem } from '@wsg/gateway/src/http/problem.ts'
import { sendRequestSchema } from '@wsg/shared/messages/send-request.ts'
import { expect, test } from 'vitest'

const message = { to: '5511999887766', message: 'Hello' }
const sendAt = '2027-01-01T09:00:00Z'

function read(line: object, defaults: LineDefaults = {}) {
  const result = readLine(JSON.stringify(line), defaults)
  return result instanceof Problem ? result.message : result
}

test('a line is what POST /send takes, and may have a key of its own', () => {
  const body = sendRequestSchema.parse(message)
  expect(read(message)).toEqual({ body, idempotencyKey: null })
  expect(read({ ...message, idempotencyKey: 'order-7' })).toEqual({ body, idempotencyKey: 'order-7' })
})

test('what is said for all lines holds where a line says nothing itself', () => {
  const defaults = { reference: 'spring', priority: 'urgent' } as const
  expect(read(message, defaults)).toMatchObject({ body: { to: message.to, ...defaults } })
  expect(read({ ...message, reference: 'own' }, defaults)).toMatchObject({ body: { reference: 'own' } })
})

test.each([
  [{ ...message, nonsense: 1 }, "Invalid request: unknown field 'nonsense'."],
  [{ to: '1', message: 'x' }, /^Invalid request: to: must be a phone number/],
  [{ message: 'x' }, 'Invalid request: to: is required.'],
  [
    { ...message, to: 5511999887766 },
    /^Invalid request: to: must be a phone number .*; it is not a string\.$/,
  ],
  [[message], /^Invalid request: the line: /],
  [{ ...message, idempotencyKey: 'a b' }, /^Invalid request: idempotencyKey: must have 1 to 255 visible/],
  [{ ...message, sendAt: 'tomorrow' }, /^Invalid request: sendAt: must be an ISO time with its zone/],
  [{ ...message, sendAt: '2999-01-01T00:00:00Z' }, 'Invalid request: sendAt: must be at most a year ahead.'],
  [{ ...message, sendAt, expiresAt: sendAt }, 'Invalid request: expiresAt: must be later than sendAt.'],
  [
    { ...message, message: '😀'.repeat(65_536) },
    'Invalid request: message: must have at most 65536 characters, counted in UTF-16 units: most emoji are two.',
  ],
  [{ ...message, message: 5 }, 'Invalid request: message: must be a text, or an object with a type.'],
  [{ to: message.to }, 'Invalid request: message: is required.'],
  [
    { ...message, message: { type: 'smell' } },
    'Invalid request: message.type: must be one of: text, image, video, audio, voice, document, sticker, location, contact, poll, event, forward.',
  ],
  [
    { ...message, message: { text: 'x' } },
    'Invalid request: message.type: must be one of: text, image, video, audio, voice, document, sticker, location, contact, poll, event, forward.',
  ],
  [
    { ...message, message: { type: 'text', text: 'x', mentions: ['Alice'] } },
    /^Invalid request: message\.mentions\.0: must be a phone number .* U\+0041 cannot be read\.$/,
  ],
  [{ ...message, priority: 'high' }, /^Invalid request: priority: /],
  [
    { to: '120363025246125486@newsletter', message: { type: 'location', latitude: 0, longitude: 0 } },
    'WhatsApp Web sends no message of type location to a channel.',
  ],
])('%j is refused by name', (line, sentence) => {
  expect(read(line)).toEqual(typeof sentence === 'string' ? sentence : expect.stringMatching(sentence))
})

test.each(['nonsense', '{"to":', '', `{"__proto__":{},"to":"5511999887766","message":"x"}`])(
  '%j is no message',
  (text) => {
    expect(readLine(text, {})).toBeInstanceOf(Problem)
  },
)
