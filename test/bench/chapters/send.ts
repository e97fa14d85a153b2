import { alternate, median, percentile, spread } from '../figures.ts'
import type { BenchSetting, ChapterResult } from '../finding.ts'
import { Ground } from '../ground.ts'
import { customers, phone } from '../phones.ts'
import { RawSession } from '../raw-session.ts'

const SESSION = 'send'
const TEXT = 'a message of the benchmark'

/** One message after another, each to its ack, over HTTP and over the stock library alone. */
export async function send({ quick, note }: BenchSetting): Promise<ChapterResult> {
  const rounds = quick ? 3 : 7
  const count = quick ? 60 : 300
  await using ground = await Ground.start()
  await ground.startSession(SESSION, phone(1))
  await using raw = await RawSession.paired(ground.simulator, phone(2))
  const to = customers(1)
  const caller = ground.caller()
  const ourLatencies: number[] = []
  const rawLatencies: number[] = []

  const ours = async () => {
    const latencies: number[] = []
    for (let n = 0; n < count; n++) {
      const since = performance.now()
      await caller.sendAcked(SESSION, to[0] as string, TEXT)
      latencies.push(performance.now() - since)
    }
    ourLatencies.push(...latencies)
    return median(latencies)
  }
  const theirs = async () => {
    const latencies = await raw.send(to, TEXT, { count })
    rawLatencies.push(...latencies)
    return median(latencies)
  }

  note('warming up')
  await ours()
  await theirs()
  ourLatencies.length = 0
  rawLatencies.length = 0
  note(`${rounds} rounds of ${count} sends on each side`)
  const { ratios } = await alternate(rounds, ours, theirs)
  return {
    findings: [
      {
        what: 'send, one after another, acked: median',
        ours: `${median(ourLatencies).toFixed(1)} ms`,
        baseline: `${median(rawLatencies).toFixed(1)} ms raw`,
        figure: median(ratios),
        unit: '×',
        budget: { atMost: 1.4 },
        note: spread(ratios),
      },
      {
        what: 'the same, 95th percentile',
        ours: `${percentile(ourLatencies, 0.95).toFixed(1)} ms`,
        baseline: `${percentile(rawLatencies, 0.95).toFixed(1)} ms raw`,
        figure: percentile(ourLatencies, 0.95) / percentile(rawLatencies, 0.95),
        unit: '×',
      },
    ],
  }
}
