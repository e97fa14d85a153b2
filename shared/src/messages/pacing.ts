import { z } from 'zod'

/**
 * How fast a session sends, so that WhatsApp does not take its number for a machine's. What WhatsApp looks at is not
 * known: the figures come from reports of people who run numbers.
 */

export const DAY_MS = 86_400_000

const ms = (most: number) =>
  z
    .number('must be a number of milliseconds')
    .int('must be a whole number of milliseconds')
    .min(0, 'must not be negative')
    .max(most, `must be at most ${most} ms`)
const count = (most: number) =>
  z
    .number('must be a number')
    .int('must be a whole number')
    .min(0, 'must not be negative')
    .max(most, `must be at most ${most}`)

const fields = {
  perMinute: count(6_000).describe('Messages a minute, evenly spread; 0 for no limit.'),
  chatGapMs: ms(3_600_000).describe('Pause between two messages to the same chat (ms).'),
  jitterMs: ms(600_000).describe('Up to so much is added at random between any two messages (ms).'),
  typingMs: ms(60_000).describe(
    'How long a chat sees at most, before a text, that it is typed, or before voice that it is recorded (ms); shorter for short texts, 0 for not at all.',
  ),
  dailyCap: count(1_000_000).describe('Acked messages a calendar day (UTC); 0 for no limit.'),
  warmUp: z
    .strictObject({
      days: count(365).min(1, 'must be at least 1').describe('How long a new number is held back, in days.'),
      startPerDay: count(1_000_000)
        .min(1, 'must be at least 1')
        .describe('The cap of the first day; it grows evenly up to `dailyCap`.'),
    })
    .nullable()
    .describe('A smaller daily cap for an account that was paired a short while ago; null for none.'),
  overCap: z
    .enum(['queue', 'refuse'], { error: 'must be queue or refuse' })
    .describe(
      'What becomes of messages over the daily cap: they wait for the next day, or are refused with 429.',
    ),
}

/** The pacing that is in force. */
export const pacingSchema = z.strictObject(fields)
export type Pacing = z.infer<typeof pacingSchema>

/** The part of it that a configuration or a caller sets. */
export const pacingChangesSchema = z.strictObject(fields).partial()
export type PacingChanges = z.infer<typeof pacingChangesSchema>

/** No limits: as fast as the page takes messages. */
export const unpaced: Pacing = {
  perMinute: 0,
  chatGapMs: 0,
  jitterMs: 0,
  typingMs: 0,
  dailyCap: 0,
  warmUp: null,
  overCap: 'queue',
}

/** For numbers that must not be lost. `docs/pacing.md` says why these figures. */
export const protectivePacing: Pacing = {
  perMinute: 10,
  chatGapMs: 3_000,
  jitterMs: 4_000,
  typingMs: 4_000,
  dailyCap: 1_000,
  warmUp: { days: 14, startPerDay: 30 },
  overCap: 'queue',
}

/** @param stored the JSON in the session's hash. @returns null where it is absent or unreadable */
export function readPacingChanges(stored: string | undefined): PacingChanges | null {
  if (stored === undefined) return null
  try {
    return pacingChangesSchema.parse(JSON.parse(stored))
  } catch {
    return null
  }
}

/** As `readPacingChanges`, for a pacing that is stored as a whole. */
export function readPacing(stored: string | undefined): Pacing | null {
  const changes = readPacingChanges(stored)
  const whole = pacingSchema.safeParse(changes)
  return whole.success ? whole.data : null
}

/** The defaults with a session's changes. */
export function withChanges(defaults: Pacing, changes: PacingChanges | null): Pacing {
  const given = Object.entries(changes ?? {}).filter(([, value]) => value !== undefined)
  return { ...defaults, ...Object.fromEntries(given) }
}

/**
 * How many acked messages this day may see; null for no limit.
 * @param pairedAt when the account was first paired (epoch ms); null where that is not known
 */
export function capOfDay(pacing: Pacing, pairedAt: number | null, nowMs: number): number | null {
  const { dailyCap, warmUp } = pacing
  const cap = dailyCap === 0 ? null : dailyCap
  if (warmUp === null || pairedAt === null) return cap
  const day = Math.floor(Math.max(0, nowMs - pairedAt) / DAY_MS)
  if (day >= warmUp.days) return cap
  const { days, startPerDay } = warmUp
  if (cap === null) return startPerDay * (day + 1)
  return Math.min(cap, Math.floor(startPerDay + ((cap - startPerDay) * day) / days))
}

/** The number of a calendar day (UTC), as scripts count them too. */
export function dayOf(nowMs: number): number {
  return Math.floor(nowMs / DAY_MS)
}

/** When the next calendar day (UTC) begins, epoch ms. */
export function nextDay(nowMs: number): number {
  return (dayOf(nowMs) + 1) * DAY_MS
}
