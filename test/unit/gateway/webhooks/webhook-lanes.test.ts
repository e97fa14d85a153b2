import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { retryPlan } from '@wsg/gateway/src/webhooks/webhook-lanes.ts'
import { expect, test } from 'vitest'

test('the manual says how long a receiver has, and when what failed is tried again', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/webhooks.md'), 'utf8').replaceAll(
    '\n',
    ' ',
  )
  const [second, minute, hour] = [1_000, 60_000, 3_600_000]
  const pauses = [1, 2, 4].map((times) => (retryPlan.firstPauseMs * times) / second)
  expect(page).toContain(`Answer 2xx within **${retryPlan.answerWithinMs / second} seconds**`)
  expect(page).toContain(`after ${pauses.join(', ')} … ${retryPlan.longestPauseMs / second} seconds`)
  expect(page).toContain('For five minutes it holds back what follows')
  expect(page).toContain('is tried again for a day, with waits that grow from five minutes to an hour')
  expect([retryPlan.holdMs, retryPlan.firstWaitMs]).toEqual([5 * minute, 5 * minute])
  expect([retryPlan.longestWaitMs, retryPlan.giveUpAfterMs]).toEqual([hour, 24 * hour])
})
