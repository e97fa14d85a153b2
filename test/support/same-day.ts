import { nextDay } from '@wsg/shared/messages/pacing.ts'
import { waitFor } from './wait-for.ts'

/** Longer than a test of what counts by calendar days takes. */
const ENOUGH_MS = 30_000

/** Resolves when this calendar day (UTC) does not end within the next moments. */
export async function untilDayLasts(): Promise<void> {
  const lasts = () => nextDay(Date.now()) - Date.now() > ENOUGH_MS
  await waitFor('the next day', lasts, { timeoutMs: 2 * ENOUGH_MS })
}
