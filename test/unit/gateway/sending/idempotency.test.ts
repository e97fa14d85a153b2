import { readIdempotencyKey } from '@wsg/gateway/src/sending/idempotency.ts'
import { expect, test } from 'vitest'

const HOUR_MS = 3_600_000
const body = { to: '5511999887766', message: 'Hello' }
const read = (message: object = {}, retentionMs = 100 * HOUR_MS) =>
  readIdempotencyKey('key', { ...body, ...message }, retentionMs)

test('a text as a string and as an object are the same body, any difference is another', () => {
  const { fingerprint } = read() ?? {}
  expect(read({ message: { type: 'text', text: 'Hello' } })?.fingerprint).toBe(fingerprint)
  for (const other of [
    { message: 'hello' },
    { to: '5511999887767' },
    { reference: 'r' },
    { replyTo: 'r' },
    { message: { type: 'text', text: 'Hello', linkPreview: false } },
  ]) {
    expect(read(other)?.fingerprint).not.toBe(fingerprint)
  }
  expect(read({ reference: 'r' })?.fingerprint).not.toBe(read({ replyTo: 'r' })?.fingerprint)
})

test('a key holds for a day, but never longer than the record that it stands for', () => {
  expect(read()?.holdMs).toBe(24 * HOUR_MS)
  expect(read({}, HOUR_MS)?.holdMs).toBe(HOUR_MS)
})

test('no key is no claim', () => {
  expect(readIdempotencyKey(undefined, body, 1)).toBeNull()
})
