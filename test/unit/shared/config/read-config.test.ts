import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commonConfig } from '@wsg/shared/config/common.ts'
import { ConfigError, readConfig } from '@wsg/shared/config/read-config.ts'
import { afterAll, describe, expect, it } from 'vitest'
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

describe('a variable with _FILE', () => {
  const folder = mkdtempSync(join(tmpdir(), 'read-config-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const fileWith = (text: string) => {
    const file = join(folder, `${text.length}`)
    writeFileSync(file, text)
    return file
  }

  it('is read from the file, without the line end', () => {
    expect(readConfig(schema, { REDIS_URL_FILE: fileWith('redis://127.0.0.1:6379\n') }).REDIS_URL).toBe(
      'redis://127.0.0.1:6379',
    )
  })

  it('counts as absent where the file is empty', () => {
    const config = readConfig(schema, { LOG_LEVEL: 'warn', LEASE_TTL_MS_FILE: fileWith('') })
    expect(config).toMatchObject({ LOG_LEVEL: 'warn', LEASE_TTL_MS: 10_000 })
  })

  it('is refused beside the variable itself, and where the file cannot be read', () => {
    const environment = {
      REDIS_URL: 'redis://127.0.0.1:6379',
      REDIS_URL_FILE: fileWith('redis://127.0.0.1:6380'),
      LOG_LEVEL_FILE: join(folder, 'missing'),
    }
    expect(() => readConfig(schema, environment)).toThrow(
      /REDIS_URL: is given twice.*\n.*LOG_LEVEL_FILE: .*ENOENT/,
    )
  })
})
