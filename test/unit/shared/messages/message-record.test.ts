import { fromHash, type NewMessageRecord, toHashFields } from '@wsg/shared/messages/message-record.ts'
import { expect, it } from 'vitest'

const record: NewMessageRecord = {
  id: '3EB00123456789ABCDEF01',
  sessionId: '__proto__',
  to: '+55 11 99988-7766',
  recipient: '5511999887766',
  content: { type: 'text', text: 'line one\nline two \u0000 ✓', linkPreview: false, mentions: [] },
  expiresAt: 2,
  waiter: 'g1',
}

/** As Redis gives a hash back. */
const asStored = (fields: object): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, String(value)]))

it('reads back what acceptance wrote, to the letter', () => {
  const { waiter: _, ...rest } = record
  expect(
    fromHash({ ...asStored(toHashFields(record)), state: 'queued', sequence: '7', acceptedAt: '1' }),
  ).toEqual({
    ...rest,
    state: 'queued',
    sequence: 7,
    acceptedAt: 1,
  })
})

it('leaves out what was not given', () => {
  expect(toHashFields(record)).not.toHaveProperty('reference')
})

it('knows a record that is not there from one that is broken', () => {
  expect(fromHash({})).toBeNull()
  expect(() => fromHash({ id: record.id })).toThrow()
})
