import { commonConfig } from '@wsg/shared/config/common.ts'
import { ConfigError, readConfig } from '@wsg/shared/config/read-config.ts'
import { redisFaults } from '@wsg/shared/config/redis-config.ts'
import { placeOf, type RedisAddress, redisAddress } from '@wsg/shared/redis/connection/redis-address.ts'
import { generate } from 'selfsigned'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const schema = z.object(commonConfig)
const read = (environment: NodeJS.ProcessEnv): RedisAddress =>
  redisAddress(readConfig(schema, environment, redisFaults))

function faultsOf(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    read(environment)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.faults
  }
}

describe('the address of Redis', () => {
  it('is the URL, its parts decoded', () => {
    expect(read({ REDIS_URL: 'redis://wsg:p%40ss%2Fword@redis.internal/3' })).toEqual({
      at: { host: 'redis.internal', port: 6379 },
      username: 'wsg',
      password: 'p@ss/word',
      db: 3,
      tls: null,
    })
    expect(read({ REDIS_URL: 'redis://[::1]:7000' })).toEqual({
      at: { host: '::1', port: 7000 },
      db: 0,
      tls: null,
    })
  })

  it('takes user and password from variables of their own before those in the URL', () => {
    expect(
      read({ REDIS_URL: 'redis://old:old@redis', REDIS_USERNAME: 'wsg', REDIS_PASSWORD: 'p@ss' }),
    ).toMatchObject({ username: 'wsg', password: 'p@ss' })
    expect(read({ REDIS_URL: 'redis://redis:6380', REDIS_PASSWORD: 'secret' })).toMatchObject({
      at: { host: 'redis', port: 6380 },
      password: 'secret',
    })
  })

  it('is asked of the Sentinels where they are named; the URL then says only how', () => {
    const REDIS_SENTINELS = 'one:26379,10.0.0.2:26380,[fd00::1]:26381'
    expect(read({ REDIS_SENTINELS })).toEqual({
      at: {
        sentinels: [
          { host: 'one', port: 26_379 },
          { host: '10.0.0.2', port: 26_380 },
          { host: 'fd00::1', port: 26_381 },
        ],
        master: 'mymaster',
      },
      db: 0,
      tls: null,
    })
    const address = read({
      REDIS_SENTINELS,
      REDIS_URL: 'rediss://wsg:secret@elsewhere:1/2',
      REDIS_SENTINEL_MASTER: 'whatsapp',
      REDIS_SENTINEL_USERNAME: 'watcher',
      REDIS_SENTINEL_PASSWORD: 'other',
    })
    expect(address).toMatchObject({
      at: { master: 'whatsapp', username: 'watcher', password: 'other' },
      username: 'wsg',
      password: 'secret',
      db: 2,
      tls: {},
    })
    expect(placeOf(address)).not.toMatch(/elsewhere|secret|wsg/)
  })

  it('takes TLS from rediss://, with certificates where they are given', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'redis' }])
    expect(read({ REDIS_URL: 'rediss://redis' }).tls).toEqual({})
    expect(
      read({ REDIS_URL: 'rediss://redis', REDIS_TLS_CA: cert, REDIS_TLS_CERT: cert, REDIS_TLS_KEY: key }).tls,
    ).toEqual({ ca: cert, cert, key })
  })
})

describe('an address of Redis that cannot be', () => {
  it.each([
    [{}, ['REDIS_URL: must be set']],
    [{ REDIS_URL: 'nowhere' }, ['REDIS_URL: must be a redis:// or rediss:// address']],
    [{ REDIS_URL: 'redis://redis/first' }, ['REDIS_URL: must be redis[s]://']],
    [{ REDIS_URL: 'redis://redis/0?family=6' }, ['REDIS_URL: must be redis[s]://']],
    [{ REDIS_URL: 'redis://:100%25%@redis' }, ['REDIS_URL: must be redis[s]://']],
    [{ REDIS_SENTINELS: 'one:26379, two:26379' }, ['REDIS_SENTINELS: must be']],
    [{ REDIS_SENTINELS: 'one' }, ['REDIS_SENTINELS: must be']],
    [{ REDIS_URL: 'redis://redis', REDIS_SENTINEL_PASSWORD: 'x' }, ['REDIS_SENTINEL_PASSWORD: is of no use']],
  ])('%j is refused', (environment, faults) => {
    expect(faultsOf(environment)).toEqual(faults.map((fault) => expect.stringContaining(fault)))
  })

  it('has all its faults named at once, and no value', () => {
    const faults = faultsOf({
      REDIS_URL: 'redis://secret-host',
      REDIS_SENTINELS: 'secret',
      REDIS_TLS_CA: 'secret',
      REDIS_TLS_CERT: 'secret',
      REDIS_MIN_REPLICAS: 'secret',
    })
    expect(faults.map((fault) => fault.split(':')[0]).sort()).toEqual([
      'REDIS_MIN_REPLICAS',
      'REDIS_SENTINELS',
      'REDIS_TLS_CA',
      'REDIS_TLS_CA',
      'REDIS_TLS_CERT',
      'REDIS_TLS_CERT',
      'REDIS_TLS_CERT',
    ])
    expect(faults.join()).not.toContain('secret')
  })
})
