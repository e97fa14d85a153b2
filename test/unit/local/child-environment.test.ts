import { gatewayConfig } from '@wsg/gateway/src/config.ts'
import { expect, it } from 'vitest'
import { gatewayEnvironment, joinChromiumArgs, workerEnvironment } from '../../../local/child-environment.ts'

const settled = (environment: NodeJS.ProcessEnv = {}) => ({
  environment,
  host: '127.0.0.1',
  world: 'real' as const,
  dataDir: '/data',
  token: 'secret-token',
})

it('a worker is told what it, Node and Chromium read, and no token in any form', () => {
  const ofTheSystem = { PATH: '/bin', LC_ALL: 'C', NODE_OPTIONS: '--no-warnings', NODE_EXTRA_CA_CERTS: '/ca' }
  const given = {
    API_TOKEN: 'secret-token',
    API_TOKEN_FILE: '/token',
    API_TOKENS: '[]',
    API_TOKENS_FILE: '/t',
    AWS_SECRET_ACCESS_KEY: 'secret-token',
    NODE_AUTH_TOKEN: 'secret-token',
  }
  const environment = workerEnvironment(
    settled({ ...given, LOG_LEVEL: 'warn', REDIS_URL: 'redis://here', ...ofTheSystem }),
  )
  expect(Object.keys(environment).filter((name) => name.includes('TOKEN') || name.startsWith('AWS'))).toEqual(
    [],
  )
  expect(JSON.stringify(environment)).not.toContain('secret-token')
  expect(environment).toMatchObject({
    LOG_LEVEL: 'warn',
    REDIS_URL: 'redis://here',
    DATA_DIR: '/data',
    ...ofTheSystem,
  })
})

it('gateways and workers keep what Node compiled, below the data or where the environment says', () => {
  for (const environmentOf of [gatewayEnvironment, workerEnvironment]) {
    expect(environmentOf(settled()).NODE_COMPILE_CACHE).toBe('/data/compile-cache')
    expect(environmentOf(settled({ NODE_COMPILE_CACHE: '/elsewhere' })).NODE_COMPILE_CACHE).toBe('/elsewhere')
  }
})

it('the gateway has the token once, wherever it was given', () => {
  const { API_TOKEN, API_TOKEN_FILE } = gatewayEnvironment(settled({ API_TOKEN_FILE: '/token' }))
  expect([API_TOKEN, API_TOKEN_FILE]).toEqual(['secret-token', undefined])
  expect(Object.keys(gatewayConfig.shape)).toContain('API_TOKEN')
})

it('a worker has 512 MB where nothing else is said', () => {
  expect(workerEnvironment(settled()).MEMORY_LIMIT_MB).toBe('512')
  expect(workerEnvironment(settled({ MEMORY_LIMIT_MB: '700' })).MEMORY_LIMIT_MB).toBe('700')
  expect(workerEnvironment(settled({ MEMORY_LIMIT_MB_FILE: '/limit' })).MEMORY_LIMIT_MB).toBeUndefined()
})

it("puts the simulator's flags before the given ones, and keeps those with spaces together", () => {
  expect(joinChromiumArgs(['--a=MAP x y', '--b'], '--no-sandbox')).toBe("'--a=MAP x y' --b --no-sandbox")
  expect(joinChromiumArgs([], '')).toBe('')
})
