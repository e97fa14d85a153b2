import { NumberChecks } from '@wsg/worker/src/operations/number-checks.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Ten at once, then one every three seconds. */
function ground() {
  const asked: string[] = []
  const client = {
    knowsNumber: (digits: string) => asked.includes(digits),
    resolveNumber: async (digits: string) => {
      asked.push(digits)
      return { chatId: `${digits}@c.us` }
    },
  }
  const checks = new NumberChecks()
  const check = (digits: string, leftMs = 30_000) => checks.check(client, digits, Date.now() + leftMs)
  return { asked, check }
}

describe('number checks', () => {
  it('ask for ten numbers at once and for the others one after another', async () => {
    const { asked, check } = ground()
    const all = Promise.all(Array.from({ length: 12 }, (_, n) => check(`49170000000${n}`)))
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toHaveLength(10)
    await vi.advanceTimersByTimeAsync(3_000)
    expect(asked).toHaveLength(11)
    await vi.advanceTimersByTimeAsync(3_000)
    expect(await all).toHaveLength(12)
  })

  it('refuse at once what could not be asked for in time, and ask again later', async () => {
    const { asked, check } = ground()
    const outcomes = Array.from({ length: 40 }, (_, n) => check(`49170000000${n}`).catch(({ code }) => code))
    await vi.advanceTimersByTimeAsync(0)
    expect(await outcomes[39]).toBe('too_many_number_checks')
    await vi.advanceTimersByTimeAsync(60_000)
    // Within 30 s, of which 5 s are for the answer.
    expect(asked).toHaveLength(18)
    expect(await check('491711111111')).toEqual({ chatId: '491711111111@c.us' })
  })

  it('do not count what is known', async () => {
    const { asked, check } = ground()
    for (let n = 0; n < 100; n++) await check('491700000000')
    expect(asked).toHaveLength(100)
  })

  it('go on at full pace after a rest', async () => {
    const { asked, check } = ground()
    await Promise.all(Array.from({ length: 10 }, (_, n) => check(`49170000000${n}`)))
    await vi.advanceTimersByTimeAsync(60_000)
    await Promise.all(Array.from({ length: 10 }, (_, n) => check(`49171000000${n}`)))
    expect(asked).toHaveLength(20)
  })
})
