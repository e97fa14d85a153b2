import { availableParallelism } from 'node:os'
import { median, perSecond } from '../figures.ts'
import type { BenchSetting, ChapterResult } from '../finding.ts'
import { Ground } from '../ground.ts'
import { customers, phone } from '../phones.ts'
import { sendInParallel } from '../sending-in-parallel.ts'

const COUNTS = [1, 2, 4, 8] as const
const PARALLEL = 16
/** Rounds lie as far apart as this on a quiet machine: less is no fall. */
const NOISE = 0.05

/** What all sessions of one machine send together, when more and more of them do. */
export async function sessions({ quick, note }: BenchSetting): Promise<ChapterResult> {
  const rounds = quick ? 2 : 5
  const forMs = quick ? 2_000 : 5_000
  await using ground = await Ground.start()
  const most = Math.max(...COUNTS)
  const names = Array.from({ length: most }, (_, n) => `sessions-${n}`)
  for (const [n, name] of names.entries()) {
    note(`starting session ${n + 1} of ${most}`)
    await ground.startSession(name, phone(n))
  }
  const caller = ground.caller(most * PARALLEL)
  const to = customers(PARALLEL)
  const run = (count: number, ms: number) =>
    sendInParallel(caller, { sessions: names.slice(0, count), to, parallel: PARALLEL, forMs: ms })

  note('warming up')
  await run(most, 3_000)
  const rates = new Map<number, number[]>(COUNTS.map((count) => [count, []]))
  for (let round = 1; round <= rounds; round++) {
    note(`round ${round} of ${rounds}`)
    // Up and down in turn, so that a machine that gets slower tells for neither end.
    for (const count of round % 2 === 1 ? COUNTS : COUNTS.toReversed()) {
      rates.get(count)?.push(await run(count, forMs))
    }
  }

  const medians = COUNTS.map((count) => median(rates.get(count) ?? []))
  const [one = Number.NaN] = medians
  const worstStep = Math.min(
    ...medians.slice(1).map((rate, i) => rate / Math.max(...medians.slice(0, i + 1))),
  )
  return {
    findings: [
      ...medians.map((rate, i) => ({
        what: `acked sends, ${COUNTS[i]} session${i === 0 ? '' : 's'}, total`,
        ours: perSecond(rate),
        baseline: `${perSecond(one)} of one`,
        figure: rate / one,
        unit: '×' as const,
      })),
      {
        what: 'from 1 to 8 sessions: the worst step against the best before it',
        ours: medians.map((rate) => rate.toFixed(0)).join(' → '),
        figure: worstStep,
        unit: '×',
        budget: { atLeast: 1 - NOISE },
        note: `it must not fall; ${NOISE * 100} % is noise; ${availableParallelism()} cores`,
      },
    ],
  }
}
