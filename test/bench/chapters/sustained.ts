import { alternate, median, perSecond, spread } from '../figures.ts'
import type { BenchSetting, ChapterResult } from '../finding.ts'
import { Ground } from '../ground.ts'
import { customers, phone } from '../phones.ts'
import { RawSession } from '../raw-session.ts'
import { sendInParallel } from '../sending-in-parallel.ts'

const SESSION = 'sustained'
const TEXT = 'a message of the benchmark'
const PARALLEL = 32

/** One session with many chats, each in order, against the stock library that sends one after another. */
export async function sustained({ quick, note }: BenchSetting): Promise<ChapterResult> {
  const rounds = quick ? 3 : 5
  const forMs = quick ? 2_000 : 6_000
  await using ground = await Ground.start()
  await ground.startSession(SESSION, phone(1))
  await using raw = await RawSession.paired(ground.simulator, phone(2))
  const to = customers(PARALLEL)
  const caller = ground.caller(PARALLEL)

  const ours = () => sendInParallel(caller, { sessions: [SESSION], to, parallel: PARALLEL, forMs })
  const theirs = async () => {
    const since = performance.now()
    const { length } = await raw.send(to, TEXT, { forMs })
    return (length * 1_000) / (performance.now() - since)
  }

  note('warming up')
  await ours()
  await theirs()
  note(`${rounds} rounds of ${forMs / 1_000} s on each side`)
  const measured = await alternate(rounds, ours, theirs)
  return {
    findings: [
      {
        what: `acked sends of one session, ${PARALLEL} chats at a time`,
        ours: perSecond(median(measured.ours)),
        baseline: `${perSecond(median(measured.theirs))} raw, one after another`,
        figure: median(measured.ratios),
        unit: '×',
        budget: { atLeast: 1.2 },
        note: spread(measured.ratios),
      },
    ],
  }
}
