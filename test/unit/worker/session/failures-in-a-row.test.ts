import { backOffMs, endAfterDeath } from '@wsg/worker/src/session/failures-in-a-row.ts'
import { describe, expect, it } from 'vitest'

const none = { failures: 0, deaths: 0, memoryFaults: 0 }

describe('backOffMs', () => {
  it('is 0, 1 s, 2 s, 4 s and so on, up to 60 s', () => {
    const seconds = [1, 2, 3, 4, 5, 6, 7, 8, 20].map((inARow) => backOffMs(inARow) / 1_000)
    expect(seconds).toEqual([0, 1, 2, 4, 8, 16, 32, 60, 60])
  })
})

describe('endAfterDeath', () => {
  it('goes on at once after the death of one owner', () => {
    expect(endAfterDeath({ ...none, deaths: 1 })).toBeNull()
    expect(endAfterDeath({ ...none, memoryFaults: 1 })).toBeNull()
  })

  it('waits longer after each further one', () => {
    expect(endAfterDeath({ ...none, deaths: 3 })).toEqual({ kind: 'put_off', delayMs: 2_000 })
    expect(endAfterDeath({ ...none, memoryFaults: 4 })).toEqual({ kind: 'put_off', delayMs: 4_000 })
  })

  it('gives up after eight deaths, or after five for its memory', () => {
    expect(endAfterDeath({ ...none, deaths: 8 })).toMatchObject({ reason: 'crash_loop' })
    expect(endAfterDeath({ ...none, memoryFaults: 5 })).toMatchObject({ reason: 'memory_limit' })
  })

  it('does not count faults that an owner lived to tell', () => {
    expect(endAfterDeath({ ...none, failures: 20, deaths: 1 })).toBeNull()
  })
})
