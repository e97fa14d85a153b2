import { claimBatch, claimMessage, readIdempotencyKey } from '@wsg/gateway/src/messages/idempotency.ts'
import type { SendRequest } from '@wsg/shared/messages/send-request.ts'
import { expect, test } from 'vitest'

const HOUR_MS = 3_600_000
const body = { to: '5511999887766', message: 'Hello' }
const claim = (message: Partial<SendRequest> = {}, retentionMs = 100 * HOUR_MS) =>
  claimMessage('key', { ...body, ...message }, retentionMs)

test('a text as a string and as an object are the same body, any difference is another', () => {
  const { fingerprint } = claim()
  for (const same of [
    { message: { type: 'text', text: 'Hello' } },
    { priority: 'normal' },
    { sendAt: undefined },
  ] as const)
    expect(claim(same as Partial<SendRequest>).fingerprint).toBe(fingerprint)
  for (const other of [
    { message: 'hello' },
    { to: '5511999887767' },
    { reference: 'r' },
    { replyTo: 'r' },
    { message: { type: 'text', text: 'Hello', linkPreview: false } },
    { sendAt: '2026-05-01T09:00:00Z' },
    { expiresAt: '2026-05-01T09:00:00Z' },
    { priority: 'urgent' },
  ] as const) {
    expect(claim(other as Partial<SendRequest>).fingerprint).not.toBe(fingerprint)
  }
  expect(claim({ reference: 'r' }).fingerprint).not.toBe(claim({ replyTo: 'r' }).fingerprint)
  const time = '2026-05-01T09:00:00Z'
  expect(claim({ sendAt: time }).fingerprint).not.toBe(claim({ expiresAt: time }).fingerprint)
  expect(claim({ sendAt: '2026-05-01T11:00:00+02:00' }).fingerprint).toBe(claim({ sendAt: time }).fingerprint)
})

test('a key holds for a day, but never longer than the record that it stands for', () => {
  expect(claim().holdMs).toBe(24 * HOUR_MS)
  expect(claim({}, HOUR_MS).holdMs).toBe(HOUR_MS)
})

test('the key of a batch is another one than the same key of a message', () => {
  expect(claimBatch('key', HOUR_MS).keyHash).not.toBe(claim().keyHash)
})

test('no key is no claim', () => {
  expect(readIdempotencyKey(undefined)).toBeNull()
})
