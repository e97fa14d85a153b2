import { claimMessage, readIdempotencyKey } from '@wsg/gateway/src/messages/idempotency.ts'
import { type StoredRequest, sendRequestSchema } from '@wsg/shared/messages/send-request.ts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

const TIME = '2027-05-01T09:00:00Z'
const claim = (more: object = {}) => {
  const body = { to: '5511999887766', message: 'Hello', ...more }
  return claimMessage('key', sendRequestSchema.parse(body) as StoredRequest)
}
/** Whether a request under the key of an earlier one is taken for its repetition. */
const repeats = (later: object, earlier: object = {}) =>
  claim(later).fingerprints.includes(claim(earlier).fingerprints[0] as string)
const text = (more: object) => ({ message: { type: 'text', text: 'Hello', ...more } })

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-12-01T00:00:00Z') }))
afterAll(() => void vi.useRealTimers())

describe('a request is the same request', () => {
  test.each([
    [text({})],
    [{ message: { text: 'Hello', type: 'text' } }],
    [text({ linkPreview: true })],
    [text({ mentions: [] })],
    [{ to: '+55 11 99988-7766' }],
    [{ to: '5511999887766@C.US' }],
    [{ to: 'whatsapp:+55 (11) 99988-7766' }],
    [{ priority: 'normal' }],
    [{ sendAt: undefined }],
    [{ sendAt: '2020-01-01T00:00:00Z' }],
  ])('%j', (same) => {
    expect([repeats(same), repeats({}, same)]).toEqual([true, true])
  })

  test.each([
    [{ sendAt: '2027-05-01T11:00:00+02:00' }, { sendAt: TIME }],
    [text({ mentions: ['+55 11 98765-0001'] }), text({ mentions: ['5511987650001@c.us'] })],
  ])('%j and %j', (one, other) => {
    expect([repeats(one, other), repeats(other, one)]).toEqual([true, true])
  })

  test('whose time came meanwhile', () => {
    const planned = { sendAt: '2026-12-01T00:00:01Z' }
    const accepted = claim(planned).fingerprints
    vi.setSystemTime('2026-12-01T00:00:02Z')
    expect(claim(planned).fingerprints).toEqual(expect.arrayContaining([...accepted]))
    expect(claim().fingerprints).not.toEqual(accepted)
  })
})

test.each([
  [{ message: 'hello' }],
  [{ to: '5511999887767' }],
  [{ to: '5511999887766@lid' }],
  [{ reference: 'r' }],
  [{ replyTo: 'r' }],
  [text({ linkPreview: false })],
  [text({ mentions: ['5511987650001'] })],
  [{ sendAt: TIME }],
  [{ expiresAt: TIME }],
  [{ priority: 'urgent' }],
])('%j is another request', (other) => {
  expect([repeats(other), repeats({}, other)]).toEqual([false, false])
})

test('what is the same in two different fields is not the same', () => {
  expect(repeats({ reference: 'r' }, { replyTo: 'r' })).toBe(false)
  expect(repeats({ sendAt: TIME }, { expiresAt: TIME })).toBe(false)
})

test('no key is no claim', () => {
  expect(readIdempotencyKey(undefined)).toBeNull()
})
