import {
  capOfDay,
  DAY_MS,
  nextDay,
  pacingChangesSchema,
  protectivePacing,
  readPacing,
  readPacingChanges,
  unpaced,
  withChanges,
} from '@wsg/shared/messages/pacing.ts'
import { describe, expect, it } from 'vitest'

const PAIRED = Date.UTC(2026, 10, 1, 18)
const onDay = (day: number) => PAIRED + day * DAY_MS + 1

describe('capOfDay', () => {
  const pacing = { ...unpaced, dailyCap: 1_000, warmUp: { days: 10, startPerDay: 100 } }

  it('grows evenly from the first day to the full cap, in days since the account was paired', () => {
    expect([0, 1, 5, 9, 10, 400].map((day) => capOfDay(pacing, PAIRED, onDay(day)))).toEqual([
      100, 190, 550, 910, 1_000, 1_000,
    ])
  })

  it('grows by the first day each day where there is no full cap, and then ends', () => {
    const open = { ...pacing, dailyCap: 0 }
    expect([0, 1, 9, 10].map((day) => capOfDay(open, PAIRED, onDay(day)))).toEqual([100, 200, 1_000, null])
  })

  it('never warms up to more than the full cap', () => {
    const small = { ...pacing, dailyCap: 50 }
    for (const day of [0, 3, 20]) expect(capOfDay(small, PAIRED, onDay(day))).toBe(50)
  })

  it('does not hold back an account whose age nobody knows', () => {
    expect(capOfDay(pacing, null, onDay(0))).toBe(1_000)
  })

  it('has none where there is none', () => {
    expect(capOfDay(unpaced, PAIRED, onDay(0))).toBeNull()
  })
})

describe('withChanges', () => {
  it('takes what is given, null included, and leaves the rest as it was', () => {
    const changed = withChanges(protectivePacing, { perMinute: 0, warmUp: null })
    expect(changed).toEqual({ ...protectivePacing, perMinute: 0, warmUp: null })
    expect(withChanges(protectivePacing, null)).toEqual(protectivePacing)
  })
})

describe('what is stored', () => {
  it('is read back as it was written', () => {
    expect(readPacingChanges(JSON.stringify({ dailyCap: 5 }))).toEqual({ dailyCap: 5 })
    expect(readPacing(JSON.stringify(protectivePacing))).toEqual(protectivePacing)
  })

  it.each([undefined, 'no json', '{"dailyCap":-1}', '{"unknown":1}'])(
    'is nothing where it is %s',
    (stored) => {
      expect(readPacingChanges(stored)).toBeNull()
      expect(readPacing(stored)).toBeNull()
    },
  )
})

it('names what is wrong with a pacing, field by field', () => {
  const wrong = {
    perMinute: -1,
    chatGapMs: 1.5,
    overCap: 'drop',
    warmUp: { days: 0, startPerDay: 1 },
    speed: 1,
  }
  const issues = pacingChangesSchema.safeParse(wrong).error?.issues ?? []
  expect(issues.map(({ path, message }) => [...path, message].join(' ')).sort()).toEqual([
    'Unrecognized key: "speed"',
    'chatGapMs must be a whole number of milliseconds',
    'overCap must be queue or refuse',
    'perMinute must not be negative',
    'warmUp days must be at least 1',
  ])
})

it('begins the next day at midnight UTC', () => {
  expect(nextDay(Date.UTC(2026, 10, 1, 23, 59))).toBe(Date.UTC(2026, 10, 2))
  expect(nextDay(Date.UTC(2026, 10, 2))).toBe(Date.UTC(2026, 10, 3))
})
