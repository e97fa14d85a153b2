import { keys } from '@wsg/shared/redis/keys.ts'
import { waitFor } from '../../support/wait-for.ts'
import { acceptLoad } from '../accept-load.ts'
import { alternate, median, perSecond, spread } from '../figures.ts'
import type { BenchSetting, ChapterResult } from '../finding.ts'
import { Ground } from '../ground.ts'
import { LoadGenerator } from '../load.ts'
import { phone } from '../phones.ts'
import { publishReady } from '../published-session.ts'
import { timeAway } from '../time-away.ts'

const LONG = 'long-queue'
const SHORT = 'short-queue'
const POLL = { everyMs: 10, timeoutMs: 60_000 }

/** What a long queue costs: accepting into it, sending from it, keeping it, and taking its session over. */
export async function backlog({ quick, note }: BenchSetting): Promise<ChapterResult> {
  const size = quick ? 5_000 : 100_000
  const rounds = quick ? 2 : 5
  const forMs = quick ? 1_000 : 3_000
  const drained = quick ? 200 : 1_500
  await using ground = await Ground.start({ gatewayEnv: { MAX_QUEUED: '1000000' } })
  await using load = new LoadGenerator()
  const { redis } = ground
  const letGo = new Map<string, () => Promise<void>>()
  const rest = async (session: string, account: string) => {
    letGo.set(session, await publishReady(redis, session, account))
  }
  for (const [session, account] of [
    [LONG, phone(1)],
    [SHORT, phone(2)],
  ] as const) {
    const worker = await ground.startSession(session, account)
    await worker.stop()
    await rest(session, account)
  }

  note(`filling a queue with ${size} messages`)
  const before = await ground.redisBytes()
  await load.rate(acceptLoad(ground, LONG, { count: size }))
  const perMessageKb = ((await ground.redisBytes()) - before) / size / 1_024
  note(`accepting: ${rounds} rounds of ${forMs / 1_000} s on each side`)
  const accepting = await alternate(
    rounds,
    () => load.rate(acceptLoad(ground, LONG, { forMs })),
    // What it took in is gone before the next round.
    async (round) => {
      const session = `empty-${round}`
      await publishReady(redis, session, phone(3))
      return await load.rate(acceptLoad(ground, session, { forMs }))
    },
  )

  const drain = async (session: string, account: string) => {
    await letGo.get(session)?.()
    const worker = await ground.startWorker()
    const rate = await sendRate(ground, session, drained)
    await worker.stop()
    await rest(session, account)
    return rate
  }
  note(`sending: ${rounds} rounds of ${drained} messages on each side`)
  const sending = await alternate(
    rounds,
    () => drain(LONG, phone(1)),
    async () => {
      await load.rate(acceptLoad(ground, SHORT, { count: drained + 200 }))
      return await drain(SHORT, phone(2))
    },
  )

  const takeOver = async (session: string, account: string) => {
    await letGo.get(session)?.()
    const owner = await ground.startWorker()
    await sendRate(ground, session, 10)
    const reserve = await ground.startWorker()
    const since = performance.now()
    const awayMs = await timeAway(redis, session, () => owner.kill())
    const sent = await sentBy(ground, session)
    await untilSent(ground, session, sent + 1)
    const ackedMs = performance.now() - since
    await reserve.stop()
    await rest(session, account)
    return { awayMs, ackedMs }
  }
  note('taking over the session with the long queue')
  const long = await takeOver(LONG, phone(1))
  note('taking over the session with the short queue')
  await load.rate(acceptLoad(ground, SHORT, { count: 500 }))
  const short = await takeOver(SHORT, phone(2))
  const inWords = ({ awayMs, ackedMs }: typeof long) =>
    `${(awayMs / 1_000).toFixed(1)} s, sending after ${(ackedMs / 1_000).toFixed(1)} s`
  const many = `${size.toLocaleString('en')} waiting`
  return {
    findings: [
      {
        what: `accepted sends with ${many}`,
        ours: perSecond(median(accepting.ours)),
        baseline: `${perSecond(median(accepting.theirs))} into an empty queue`,
        figure: median(accepting.ratios),
        unit: '×',
        note: spread(accepting.ratios),
      },
      {
        what: `acked sends from a queue with ${many}`,
        ours: perSecond(median(sending.ours)),
        baseline: `${perSecond(median(sending.theirs))} from a short queue`,
        figure: median(sending.ratios),
        unit: '×',
        note: spread(sending.ratios),
      },
      {
        what: 'Redis memory of a waiting message',
        ours: `${perMessageKb.toFixed(2)} KB`,
        figure: perMessageKb,
        unit: 'KB',
      },
      {
        what: `takeover by the lease with ${many}`,
        ours: inWords(long),
        baseline: `${inWords(short)} with a short queue`,
        figure: long.awayMs / 1_000,
        unit: 's',
        budget: { atMost: 15 },
      },
    ],
  }
}

/** @returns acked messages a second over `count` of them, once the first hundred are sent */
async function sendRate(ground: Ground, session: string, count: number): Promise<number> {
  const begun = await sentBy(ground, session)
  await untilSent(ground, session, begun + Math.min(100, count))
  const [since, from] = [performance.now(), await sentBy(ground, session)]
  const sent = await untilSent(ground, session, from + count)
  return ((sent - from) * 1_000) / (performance.now() - since)
}

async function untilSent(ground: Ground, session: string, count: number): Promise<number> {
  return await waitFor(
    `${session} to have sent ${count}`,
    async () => {
      const sent = await sentBy(ground, session)
      return sent >= count && sent
    },
    POLL,
  )
}

async function sentBy({ redis }: Ground, session: string): Promise<number> {
  return Number((await redis.hget(keys.session(session), 'messageCount')) ?? 0)
}
