import { EnvironmentTokens } from '@wsg/gateway/src/access/environment-tokens.ts'
import { mayAct, mayTouch } from '@wsg/gateway/src/access/grant.ts'
import { digestOf } from '@wsg/gateway/src/access/token-digest.ts'
import { expect, test } from 'vitest'

const sha256 = (text: string) => digestOf(text).toString('hex')

test('API_TOKEN is one token with every right', () => {
  const grant = new EnvironmentTokens({ API_TOKEN: 'secret' }).find(digestOf('secret'))
  expect(grant).toMatchObject({ role: 'admin', sessions: null })
})

test('keeps no token in readable form', () => {
  expect(JSON.stringify(new EnvironmentTokens({ API_TOKEN: 'secret' }))).not.toContain('secret')
})

test('finds nothing for a token that only begins alike, is longer, or is empty', () => {
  const tokens = new EnvironmentTokens({ API_TOKEN: 'secret' })
  for (const token of ['', 'secre', 'secrets', 'Secret', sha256('secret')])
    expect(tokens.find(digestOf(token))).toBeNull()
})

test('further tokens have their role and their sessions', () => {
  const tokens = new EnvironmentTokens({
    API_TOKENS: [{ name: 'shop', sha256: sha256('t'), role: 'sender', sessions: ['__proto__'] }],
  })
  const grant = tokens.find(digestOf('t'))
  if (grant === null) throw new Error('not found')
  expect([mayAct(grant, 'viewer'), mayAct(grant, 'sender'), mayAct(grant, 'operator')]).toEqual([
    true,
    true,
    false,
  ])
  expect([mayTouch(grant, '__proto__'), mayTouch(grant, 'constructor')]).toEqual([true, false])
})
