import { readWorkerConfig, splitArguments } from '@wsg/worker/src/worker-config.ts'
import { describe, expect, it } from 'vitest'

describe('splitArguments', () => {
  it.each([
    ['', []],
    ['  ', []],
    ['--a --b=1', ['--a', '--b=1']],
    [`'--rules=MAP * 127.0.0.1:1'  --c`, ['--rules=MAP * 127.0.0.1:1', '--c']],
    [`--rules="MAP a b" --c`, ['--rules=MAP a b', '--c']],
    [`--say="it's"`, [`--say=it's`]],
    ['--rules=MAP a b --c', ['--rules=MAP a b', '--c']],
  ])('splits %j as a shell would', (line, words) => {
    expect(splitArguments(line)).toEqual(words)
  })

  it.each([`'open`, `--a "open`, `a"b'c"'`])('refuses %j, where a quote is not closed', (line) => {
    expect(splitArguments(line)).toBeNull()
  })
})

describe('readWorkerConfig', () => {
  it('needs only the address of Redis', () => {
    expect(readWorkerConfig({ REDIS_URL: 'redis://127.0.0.1:6379' })).toMatchObject({
      DATA_DIR: '/app',
      LEASE_TTL_MS: 10_000,
      RESEND_AFTER_CRASH: 'never',
      CHROMIUM_ARGS: [],
      WORLD: 'real',
    })
  })

  it('names every fault at once, and no value', () => {
    const faulty = {
      RESEND_AFTER_CRASH: 'always',
      CHROMIUM_ARGS: `'secret`,
      QR_TIMEOUT_MS: 'x',
      WORLD: 'moon',
    }
    const read = () => readWorkerConfig(faulty)
    for (const name of ['REDIS_URL', ...Object.keys(faulty)]) expect(read).toThrow(name)
    expect(read).not.toThrow('secret')
  })
})
