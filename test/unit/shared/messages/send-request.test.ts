import { sendRequestSchema, toTextMessage } from '@wsg/shared/messages/send-request.ts'
import { expect, it } from 'vitest'

const to = '5511999887766'

it('takes a plain string as short for a text message', () => {
  const request = sendRequestSchema.parse({ to, message: 'Hello' })
  expect(toTextMessage(request.message)).toEqual({ type: 'text', text: 'Hello' })
})

it('takes a text of 65,536 characters and refuses one more', () => {
  expect(sendRequestSchema.safeParse({ to, message: 'x'.repeat(65_536) }).success).toBe(true)
  expect(sendRequestSchema.safeParse({ to, message: 'x'.repeat(65_537) }).success).toBe(false)
})

it('refuses unknown fields by name, within the message too', () => {
  const outer = sendRequestSchema.safeParse({ to, message: 'Hello', mesage: 1 })
  expect(JSON.stringify(outer.error?.issues)).toContain('mesage')
  const inner = sendRequestSchema.safeParse({ to, message: { type: 'text', text: 'Hello', txt: 1 } })
  expect(JSON.stringify(inner.error?.issues)).toContain('txt')
})
