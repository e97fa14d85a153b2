import { readAddress, writeAddress } from '@wsg/gateway/src/dashboard/page/address.ts'
import { expect, it } from 'vitest'

it.each(['', '#', '#/', '/#/'.slice(1)])('reads «%s» as the beginning', (hash) => {
  expect(readAddress(hash)).toEqual({ parts: [], query: {} })
})

it('reads what it wrote, whatever is in it', () => {
  const parts = ['sessions', 'my shop/1', 'events']
  const query = { state: 'ready', search: '+55 & #1?' }
  expect(readAddress(writeAddress(parts, query))).toEqual({ parts, query })
})

it('leaves out what has no value', () => {
  expect(writeAddress(['sessions'], { state: undefined, search: '' })).toBe('#/sessions')
})

it('reads a part that is not percent-encoded as it stands', () => {
  expect(readAddress('#/sessions/100%').parts).toEqual(['sessions', '100%'])
})
