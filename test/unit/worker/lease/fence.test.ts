import { Fence, FenceClosed } from '@wsg/worker/src/lease/fence.ts'
import { describe, expect, it } from 'vitest'

const TTL_MS = 10_000

function setUp() {
  const time = { monotonic: 1_000, wall: 1_700_000_000_000 }
  const clocks = { monotonic: () => time.monotonic, wall: () => time.wall }
  const pass = (ms: number) => {
    time.monotonic += ms
    time.wall += ms
  }
  return { time, clocks, pass, fence: new Fence(TTL_MS, Fence.now(clocks), clocks) }
}

describe('Fence', () => {
  it('closes within 0.65 to 0.7 of the time to live after the renewal was asked for', () => {
    const { fence, pass } = setUp()
    pass(6_499)
    fence.check()
    pass(501)
    expect(fence.isOpen()).toBe(false)
    expect(() => fence.check()).toThrow(FenceClosed)
  })

  it('counts from when the confirmed renewal was asked for, not from its answer', () => {
    const { fence, clocks, pass } = setUp()
    pass(3_000)
    const askedAt = Fence.now(clocks)
    pass(3_000)
    fence.confirm(askedAt)
    expect(fence.remainingMs()).toBeLessThanOrEqual(4_000)
    expect(fence.remainingMs()).toBeGreaterThan(3_499)
  })

  it('is not set back by an answer that comes after a later one', () => {
    const { fence, clocks, pass } = setUp()
    const early = Fence.now(clocks)
    pass(2_000)
    fence.confirm(Fence.now(clocks))
    const remaining = fence.remainingMs()
    fence.confirm(early)
    expect(fence.remainingMs()).toBe(remaining)
  })

  it('closes when the machine slept, although the monotonic clock stood still', () => {
    const { fence, time } = setUp()
    time.wall += 60_000
    expect(fence.isOpen()).toBe(false)
  })

  it('closes in time although the wall clock was set back', () => {
    const { fence, time } = setUp()
    time.monotonic += 7_000
    time.wall -= 3_600_000
    expect(fence.isOpen()).toBe(false)
  })

  it('gives sends a deadline at which it closes', () => {
    const { fence, time, pass } = setUp()
    pass(1_000)
    const deadline = fence.deadline()
    time.monotonic += deadline - time.wall
    time.wall = deadline
    expect(fence.remainingMs()).toBeLessThan(1.001)
    expect(fence.remainingMs()).toBeGreaterThanOrEqual(0)
  })

  it('does not close at the same instant everywhere', () => {
    const remaining = new Set(Array.from({ length: 20 }, () => setUp().fence.remainingMs()))
    expect(remaining.size).toBeGreaterThan(1)
  })
})
