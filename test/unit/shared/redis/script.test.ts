import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { defineScript, runScript } from '@wsg/shared/redis/script.ts'
import { describe, expect, it } from 'vitest'

describe('a script', () => {
  it('is refused where it counts its keys or arguments by hand', () => {
    expect(() => defineScript({}, "return redis.call('GET', KEYS[1])")).toThrow(/names its keys/)
    expect(() => defineScript({ id: 'text' }, 'return ARGV[1] .. id')).toThrow(/names its keys/)
  })

  it('is refused where it names a key that there is not, or does not use an argument', () => {
    expect(() => defineScript({}, 'return keys.lase')).toThrow('lase')
    expect(() => defineScript({ id: 'text', other: 'text' }, 'return id')).toThrow('other')
  })

  it('is given its arguments in the order of their declaration, whatever the order in which they are named', async () => {
    const given: string[][] = []
    const evalsha = async (_sha: string, keys: number, ...args: string[]) => {
      expect(keys).toBe(0)
      given.push(args)
    }
    const script = defineScript(
      { a: 'text', b: 'number?', c: 'flag', d: 'pairs' },
      'return { a, b, c and 1 or 0, #d }',
    )
    const redis = { evalsha } as unknown as RedisClient
    await runScript(redis, script, { d: { x: 1, y: undefined, z: null }, c: true, b: null, a: 'text' })
    expect(given).toEqual([['text', '', '1', 'x', '1', 'z', '']])
    // @ts-expect-error one that is missing does not compile
    await runScript(redis, script, { a: '', b: 1, c: false })
    // @ts-expect-error nor does one that is misspelt
    await runScript(redis, script, { a: '', b: 1, c: false, d: {}, e: 1 })
  })
})
