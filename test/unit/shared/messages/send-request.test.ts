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
