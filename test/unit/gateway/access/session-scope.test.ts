import { SessionScope, sessionPatternSchema } from '@wsg/gateway/src/access/session-scope.ts'
import { expect, test } from 'vitest'

test('holds the sessions that are named, and those that a pattern fits', () => {
  const scope = new SessionScope(['shop', 'sales-*', '*-test-*'])
  for (const id of ['shop', 'sales-', 'sales-de', 'a-test-b']) expect(scope.has(id)).toBe(true)
  for (const id of ['shop2', 'Shop', 'presales-de', 'sales', 'a-test', '']) expect(scope.has(id)).toBe(false)
  expect(scope.ids).toBeNull()
  expect(new SessionScope(['b', 'a', 'b']).ids).toEqual(['a', 'b'])
})

test('takes no pattern that would be slow to compare, or that could be no session', () => {
  for (const text of ['*', 'sales-*', 'a*b*c*'])
    expect(sessionPatternSchema.safeParse(text).success).toBe(true)
  for (const text of ['', 'a*b*c*d*', 'a.b', 'a b', 'x'.repeat(51)])
    expect(sessionPatternSchema.safeParse(text).success).toBe(false)
})
