import { preferredType } from '@wsg/gateway/src/http/preferred-type.ts'
import { expect, test } from 'vitest'

test.each([
  [undefined, 'application/json'],
  ['*/*', 'application/json'],
  ['image/png', 'image/png'],
  ['text/plain', 'text/plain'],
  ['image/*', 'image/png'],
  ['text/html,application/xhtml+xml,image/webp,*/*;q=0.8', 'application/json'],
  ['application/json;q=0.1, image/png;q=0.9', 'image/png'],
  ['image/png;q=0, */*', 'application/json'],
  ['audio/mpeg', 'application/json'],
])('%s gets %s', (accept, type) => {
  expect(preferredType(accept, ['application/json', 'image/png', 'text/plain'])).toBe(type)
})
