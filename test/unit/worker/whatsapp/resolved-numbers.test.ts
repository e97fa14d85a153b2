import { ResolvedNumbers } from '@wsg/worker/src/whatsapp/resolved-numbers.ts'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

const HOUR = 3_600_000
const found = (digits: string) => ({ chatId: `${digits}@c.us` })

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('resolved numbers', () => {
  test('asks once for callers at the same time, and not again within a day', async () => {
    const ask = vi.fn(async (digits: string) => found(digits))
    const numbers = new ResolvedNumbers(ask)
    expect(await Promise.all([numbers.resolve('49170'), numbers.resolve('49170')])).toEqual([
      found('49170'),
      found('49170'),
    ])
    vi.advanceTimersByTime(23 * HOUR)
    await numbers.resolve('49170')
    expect(ask).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(2 * HOUR)
    await numbers.resolve('49170')
    expect(ask).toHaveBeenCalledTimes(2)
  })

  test('asks again after an hour whether a number has come to WhatsApp', async () => {
    const ask = vi.fn(async () => null)
    const numbers = new ResolvedNumbers(ask)
    expect(await numbers.resolve('49170')).toBeNull()
    expect(await numbers.resolve('49170')).toBeNull()
    expect(ask).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(HOUR + 1)
    await numbers.resolve('49170')
    expect(ask).toHaveBeenCalledTimes(2)
  })

  test('does not remember an error', async () => {
    const ask = vi.fn(async (digits: string) => found(digits)).mockRejectedValueOnce(new Error('no answer'))
    const numbers = new ResolvedNumbers(ask)
    await expect(numbers.resolve('49170')).rejects.toThrow('no answer')
    expect(await numbers.resolve('49170')).toEqual(found('49170'))
  })

  test('forgets the oldest beyond its limit', async () => {
    const ask = vi.fn(async (digits: string) => found(digits))
    const numbers = new ResolvedNumbers(ask)
    for (let digits = 0; digits <= 5_000; digits += 1) await numbers.resolve(String(digits))
    ask.mockClear()
    await numbers.resolve('5000')
    expect(ask).not.toHaveBeenCalled()
    await numbers.resolve('0')
    expect(ask).toHaveBeenCalledTimes(1)
  })
})
