import { DAY_MS, type Pacing, unpaced } from '@wsg/shared/messages/pacing.ts'
import { Pacer } from '@wsg/worker/src/outbox/pacer.ts'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

const NOON = Date.UTC(2026, 10, 1, 12)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function pacerWith(
  pacing: Partial<Pacing>,
  facts: { sentToday?: number; pairedAt?: number } = {},
  random = 0,
) {
  const pacer = new Pacer(() => random)
  const set = (sentToday = facts.sentToday ?? 0, nowMs = NOON) =>
    pacer.set({ ...unpaced, ...pacing }, { nowMs, sentToday, pairedAt: facts.pairedAt ?? null })
  set()
  return { pacer, set }
}

it('waits for nothing where nothing is asked for', () => {
  const { pacer } = pacerWith({})
  for (let i = 0; i < 1_000; i++) {
    expect(pacer.delayMs(i)).toBe(0)
    pacer.given()
    pacer.wentTo('a')
    expect(pacer.chatDelayMs('a')).toBe(0)
  }
})

it('spreads the messages of a minute evenly', () => {
  const { pacer } = pacerWith({ perMinute: 20 })
  expect(pacer.delayMs(0)).toBe(0)
  pacer.given()
  expect(pacer.delayMs(0)).toBe(3_000)
  vi.advanceTimersByTime(2_000)
  expect(pacer.delayMs(0)).toBe(1_000)
  vi.advanceTimersByTime(1_000)
  expect(pacer.delayMs(0)).toBe(0)
})

it('adds the jitter to the gap, and makes up for no time in which nothing was sent', () => {
  const { pacer } = pacerWith({ perMinute: 60, jitterMs: 1_000 }, {}, 0.5)
  vi.advanceTimersByTime(60_000)
  pacer.given()
  expect(pacer.delayMs(0)).toBe(1_500)
})

it('does not count a turn that was not used', () => {
  const { pacer } = pacerWith({ perMinute: 20 })
  pacer.given()
  pacer.unused()
  expect(pacer.delayMs(0)).toBe(0)
})

it('keeps the gap of one chat from the others', () => {
  const { pacer } = pacerWith({ chatGapMs: 5_000 })
  pacer.wentTo('a')
  expect(pacer.chatDelayMs('a')).toBe(5_000)
  expect(pacer.chatDelayMs('b')).toBe(0)
  expect(pacer.delayMs(1)).toBe(0)
  vi.advanceTimersByTime(5_000)
  expect(pacer.chatDelayMs('a')).toBe(0)
})

it('never hands over more than the cap allows, counting what may still be acked', () => {
  const { pacer } = pacerWith({ dailyCap: 10 }, { sentToday: 7 })
  expect(pacer.delayMs(2)).toBe(0)
  expect(pacer.delayMs(3)).toBe(Number.POSITIVE_INFINITY)
  expect(pacer.heldUntil).toBeNull()
})

it('is held until the next day (UTC) when the cap is reached, and goes on then', () => {
  const { pacer, set } = pacerWith({ dailyCap: 10 }, { sentToday: 9 })
  pacer.acked(10)
  expect(pacer.heldUntil).toBe(NOON + DAY_MS / 2)
  expect(pacer.delayMs(0)).toBe(Number.POSITIVE_INFINITY)
  set(0, NOON + DAY_MS)
  expect(pacer.heldUntil).toBeNull()
  expect(pacer.delayMs(0)).toBe(0)
})

it('goes on at once under a higher cap, and with a quicker pace', () => {
  const { pacer } = pacerWith({ dailyCap: 10, perMinute: 1 }, { sentToday: 10 })
  pacer.given()
  pacer.set({ ...unpaced, dailyCap: 20 }, { nowMs: NOON, sentToday: 10, pairedAt: null })
  expect(pacer.delayMs(0)).toBe(0)
})

it('types longer texts longer, up to what is allowed', () => {
  const { pacer } = pacerWith({ typingMs: 4_000 })
  expect(pacer.typingMs(8)).toBe(1_000)
  expect(pacer.typingMs(10_000)).toBe(4_000)
  expect(pacerWith({}).pacer.typingMs(10_000)).toBe(0)
})
