import { formatSpan, formatTime, formatTimeOfDay } from '@wsg/gateway/src/dashboard/page/components/time.ts'
import { expect, it } from 'vitest'

it('shows a moment in UTC, and says so', () => {
  expect(formatTime(new Date('2026-11-30T23:59:58.900Z'), true)).toBe('2026-11-30 23:59:58 UTC')
})

it('shows a moment in the time of the machine, without a name', () => {
  const at = new Date(2026, 10, 30, 8, 4, 5)
  expect(formatTime(at, false)).toBe('2026-11-30 08:04:05')
})

it('leaves the date of today out, and says the milliseconds in its place where there are some', () => {
  const [at, now] = [new Date('2026-11-30T08:04:05.007Z'), new Date('2026-11-30T23:00:00Z')]
  expect(formatTimeOfDay(at, now, true)).toBe('08:04:05.007')
  expect(formatTimeOfDay(new Date('2026-11-30T08:04:05Z'), now, true)).toBe('08:04:05')
  expect(formatTimeOfDay(at, new Date('2026-12-01T00:00:00Z'), true)).toBe('2026-11-30 08:04:05')
})

it.each([
  [-5, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_599_999, '59 min'],
  [3_600_000, '1 h'],
  [172_799_999, '47 h'],
  [172_800_000, '2 d'],
])('says of %d ms that it is %s', (ms, said) => {
  expect(formatSpan(ms)).toBe(said)
})
