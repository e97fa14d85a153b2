import { readGatewayConfig } from '@wsg/gateway/src/config.ts'
import { ConfigError } from '@wsg/shared/config/read-config.ts'
import { expect, test } from 'vitest'

const REDIS_URL = 'redis://127.0.0.1:6379'

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readGatewayConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  return []
}

test('listens on the loopback address by itself', () => {
  expect(readGatewayConfig({ REDIS_URL, API_TOKEN: 'token-of-the-tests' })).toMatchObject({
    HOST: '127.0.0.1',
    PORT: 3000,
    SEND_WAIT_MS: 20_000,
  })
})

test('without any token it does not start', () => {
  expect(faultsOf({ REDIS_URL })).toEqual([expect.stringContaining('API_TOKEN')])
  expect(faultsOf({ REDIS_URL, API_TOKEN: '', API_TOKENS: '' })).toEqual([
    expect.stringContaining('API_TOKEN'),
  ])
})

test.each(['t', 'fifteen-letters', 'a token with a space', `${'ü'.repeat(20)}`])(
  'a token that can be guessed or not be sent is refused: %s',
  (API_TOKEN) => {
    expect(faultsOf({ REDIS_URL, API_TOKEN })).toEqual([
      'API_TOKEN: must be 16 to 512 visible ASCII characters without spaces, such as the output of: openssl rand -hex 32',
    ])
  },
)

test('names all faults at once, and none of the values', () => {
  const faults = faultsOf({
    REDIS_URL: 'secret-address',
    API_TOKEN: 'secret token',
    PORT: '70000',
    MAX_QUEUED: 'many',
  })
  expect(faults.map((fault) => fault.split(':')[0]).toSorted()).toEqual([
    'API_TOKEN',
    'MAX_QUEUED',
    'PORT',
    'REDIS_URL',
  ])
  expect(faults.join()).not.toContain('secret')
})

test.each([
  ['not JSON', '{'],
  ['no list', '{}'],
  ['an empty list', '[]'],
  ['a token in clear', '[{"name":"a","token":"secret","role":"admin"}]'],
  ['an unknown role', `[{"name":"a","sha256":"${'a'.repeat(64)}","role":"root"}]`],
  [
    'a session id that is none',
    `[{"name":"a","sha256":"${'a'.repeat(64)}","role":"admin","sessions":["a/b"]}]`,
  ],
])('refuses API_TOKENS that are %s', (_name, API_TOKENS) => {
  expect(faultsOf({ REDIS_URL, API_TOKENS })).toEqual(
    expect.arrayContaining([expect.stringMatching(/^API_TOKENS/)]),
  )
})

test('API_TOKENS alone is enough', () => {
  const API_TOKENS = `[{"name":"a","sha256":"${'a'.repeat(64)}","role":"viewer"}]`
  expect(readGatewayConfig({ REDIS_URL, API_TOKENS }).API_TOKENS).toHaveLength(1)
})
