import { describe, expect, it } from 'vitest'
import { backOffMs } from '../../../local/kept-child.ts'
import { defaultMaxSessions } from '../../../local/local-config.ts'
import { poolChange } from '../../../local/pool.ts'

const GB = 1024 ** 3

describe('the default of MAX_SESSIONS', () => {
  it.each([
    [0.5 * GB, 1],
    [1 * GB, 1],
    [2 * GB, 2],
    [4.4 * GB, 6],
    [24 * GB, 46],
  ])('is what fits beside a gigabyte: %d bytes carry %d', (memory, sessions) => {
    expect(defaultMaxSessions(memory)).toBe(sessions)
  })
})

describe('the number of workers', () => {
  it('keeps one in reserve when nothing waits', () => {
    expect(poolChange({ busy: 0, free: 0, unplaced: 0, maxSessions: 4 })).toBe(1)
    expect(poolChange({ busy: 2, free: 1, unplaced: 0, maxSessions: 4 })).toBe(0)
  })

  it('has a free one for every session that waits', () => {
    expect(poolChange({ busy: 1, free: 1, unplaced: 3, maxSessions: 9 })).toBe(2)
  })

  it('never goes above the limit, the reserve included', () => {
    expect(poolChange({ busy: 4, free: 0, unplaced: 5, maxSessions: 4 })).toBe(0)
    expect(poolChange({ busy: 3, free: 0, unplaced: 5, maxSessions: 4 })).toBe(1)
  })

  it('lets go of those that nobody needs', () => {
    expect(poolChange({ busy: 0, free: 3, unplaced: 0, maxSessions: 4 })).toBe(-2)
  })
})

describe('the back-off', () => {
  it('tries at once first, then waits longer and longer, half a minute at most', () => {
    expect([1, 2, 3, 4, 5, 20].map(backOffMs)).toEqual([0, 500, 1_000, 2_000, 4_000, 30_000])
  })
})
