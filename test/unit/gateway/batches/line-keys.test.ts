import { LineKeys } from '@wsg/gateway/src/batches/line-keys.ts'
import { claimMessage } from '@wsg/gateway/src/messages/idempotency.ts'
import { type StoredRequest, sendRequestSchema } from '@wsg/shared/messages/send-request.ts'
import { expect, test } from 'vitest'

const line = (message: string, more: object = {}) =>
  sendRequestSchema.parse({ to: '5511999887766', message, ...more }) as StoredRequest
const keysOf = (keys: LineKeys, ...bodies: ReturnType<typeof line>[]) =>
  bodies.map((body) => keys.next(body).claim.keyHash)
const upload = (key = 'k') => new LineKeys(key)

test('a line has the same key wherever it stands, and each of several that say the same its own', () => {
  const [a, b, a2] = keysOf(upload(), line('a'), line('b'), line('a'))
  expect(new Set([a, b, a2]).size).toBe(3)
  expect(keysOf(upload(), line('b'), line('new'), line('a'), line('a'))).toEqual([
    b,
    expect.anything(),
    a,
    a2,
  ])
})

test('the spelling and the plan of a line change nothing about its key, so that it cannot be sent twice by them', () => {
  const same = [
    line('a'),
    line('a', { to: '+55 11 99988-7766' }),
    line('a', { priority: 'urgent', reference: 'r' }),
  ]
  expect(new Set(same.flatMap((body) => keysOf(upload(), body))).size).toBe(1)
})

test('only what was taken counts, so that memory does not grow with what is refused', () => {
  const keys = upload()
  const [first, second] = keysOf(upload(), line('a'), line('a'))
  keys.next(line('a'))
  keys.beginGroup()
  const taken = keys.next(line('a'))
  expect(taken.claim.keyHash).toBe(first)
  keys.taken(taken)
  keys.beginGroup()
  expect(keys.next(line('a')).claim.keyHash).toBe(second)
})

test('where a later one of several that say the same was taken, the next is still another', () => {
  const keys = upload()
  const [first, second, third] = keysOf(upload(), line('a'), line('a'), line('a'))
  expect(keys.next(line('a')).claim.keyHash).toBe(first)
  const taken = keys.next(line('a'))
  expect(taken.claim.keyHash).toBe(second)
  keys.taken(taken)
  keys.beginGroup()
  expect(keys.next(line('a')).claim.keyHash).toBe(third)
})

test('the keys of a batch are those of no other, and none that a caller could give', () => {
  const [key] = keysOf(upload(), line('a'))
  expect(keysOf(upload('other'), line('a'))).not.toContain(key)
  for (const given of ['k', 'k:1', 'line']) expect(claimMessage(given, line('a')).keyHash).not.toBe(key)
})
