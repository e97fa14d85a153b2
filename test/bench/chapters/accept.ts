import { join } from 'node:path'
import { acceptLoad } from '../accept-load.ts'
import { alternate, median, perSecond, spread } from '../figures.ts'
import type { BenchSetting, ChapterResult } from '../finding.ts'
import { Ground } from '../ground.ts'
import { LoadGenerator } from '../load.ts'
import { phone } from '../phones.ts'
import { firstPort, forkProgram } from '../program.ts'
import { publishReady } from '../published-session.ts'

/** Messages that are accepted and wait, against a route that only adds a job, on the same Redis. */
export async function accept({ quick, note }: BenchSetting): Promise<ChapterResult> {
  const rounds = quick ? 3 : 7
  const forMs = quick ? 1_500 : 4_000
  await using ground = await Ground.start({ gatewayEnv: { MAX_QUEUED: '1000000' } })
  await using load = new LoadGenerator()
  const bare = forkProgram(join(import.meta.dirname, '../bare-route.ts'), { REDIS_URL: ground.server.url })
  try {
    const barePort = await firstPort(bare)
    const ours = async (round: number) => {
      // A new session and an empty Redis each time: neither side's queue grows over the rounds.
      await ground.redis.flushall()
      const session = `accept-${round}`
      await publishReady(ground.redis, session, phone(1))
      return await load.rate(acceptLoad(ground, session, { forMs }))
    }
    const theirs = async () => {
      await ground.redis.flushall()
      return await load.rate({ ...acceptLoad(ground, 'bare', { forMs }), port: barePort })
    }

    note('warming up')
    await ours(rounds)
    await theirs()
    note(`${rounds} rounds of ${forMs / 1_000} s on each side`)
    const measured = await alternate(rounds, ours, theirs)
    return {
      findings: [
        {
          what: 'accepted sends (?wait=none), 32 connections',
          ours: perSecond(median(measured.ours)),
          baseline: `${perSecond(median(measured.theirs))} bare route, one BullMQ add`,
          figure: median(measured.ratios),
          unit: '×',
          budget: { atLeast: 0.5 },
          note: spread(measured.ratios),
        },
      ],
    }
  } finally {
    await bare.kill()
  }
}
