import { commonConfig } from '@wsg/shared/config/common.ts'
import { ConfigError, readConfig } from '@wsg/shared/config/read-config.ts'
import { expect, it } from 'vitest'
import { z } from 'zod'

const schema = z.object(commonConfig)

it('names every fault at once, and no value, which could be a secret', () => {
  const read = () =>
    readConfig(schema, { REDIS_URL: 'secret-address', LEASE_TTL_MS: 'soon', LOG_LEVEL: 'loud' })
  expect(read).toThrow(ConfigError)
  try {
    read()
  } catch (error) {
    const { faults, message } = error as ConfigError
    expect(faults.map((fault) => fault.split(':')[0]).sort()).toEqual([
      'LEASE_TTL_MS',
      'LOG_LEVEL',
      'REDIS_URL',
    ])
    expect(message).not.toContain('secret-address')
  }
})

it('takes an empty variable as absent', () => {
  const config = readConfig(schema, { REDIS_URL: 'redis://127.0.0.1:6379', LEASE_TTL_MS: '', LOG_LEVEL: '' })
  expect(config).toMatchObject({ LEASE_TTL_MS: 10_000, LOG_LEVEL: 'info' })
})
