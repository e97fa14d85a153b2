import { createHash } from 'node:crypto'
import { mayAct, mayTouch, TokenTable } from '@wsg/gateway/src/access/tokens.ts'
import { expect, test } from 'vitest'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

test('API_TOKEN is one token with every right', () => {
  const grant = new TokenTable({ API_TOKEN: 'secret' }).find('secret')
  expect(grant).toMatchObject({ role: 'admin', sessions: null })
})

test('keeps no token in readable form', () => {
  expect(JSON.stringify(new TokenTable({ API_TOKEN: 'secret' }))).not.toContain('secret')
})

test('finds nothing for a token that only begins alike, is longer, or is empty', () => {
  const table = new TokenTable({ API_TOKEN: 'secret' })
  for (const token of ['', 'secre', 'secrets', 'Secret', sha256('secret')])
    expect(table.find(token)).toBeNull()
})

test('further tokens have their role and their sessions', () => {
  const table = new TokenTable({
    API_TOKENS: [{ name: 'shop', sha256: sha256('t'), role: 'sender', sessions: ['__proto__'] }],
  })
  const grant = table.find('t')
  if (grant === null) throw new Error('not found')
  expect([mayAct(grant, 'viewer'), mayAct(grant, 'sender'), mayAct(grant, 'admin')]).toEqual([
    true,
    true,
    false,
  ])
  expect([mayTouch(grant, '__proto__'), mayTouch(grant, 'constructor')]).toEqual([true, false])
})
