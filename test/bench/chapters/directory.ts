import { median, percentile } from '../figures.ts'
import type { BenchSetting, ChapterResult } from '../finding.ts'
import { Ground } from '../ground.ts'
import { phone } from '../phones.ts'
import { publishReady } from '../published-session.ts'

const COUNTS = [10, 1_000, 10_000] as const
const PUBLISHED_AT_ONCE = 100
/** What counts as flat: the median with the most sessions against the one with the fewest. */
const FLAT = 1.5

interface Times {
  status: number[]
  health: number[]
}

/** What it costs to be asked for a state when more and more sessions are known, one request after another. */
export async function directory({ quick, note }: BenchSetting): Promise<ChapterResult> {
  const passes = quick ? 1 : 3
  const asked = quick ? 300 : 2_000
  await using ground = await Ground.start()
  const caller = ground.caller()
  const times = new Map<number, Times>(COUNTS.map((count) => [count, { status: [], health: [] }]))

  const timed = async (path: string, session: string): Promise<number> => {
    const since = performance.now()
    const { status, body } = await caller.get(path, session)
    const ms = performance.now() - since
    if (status !== 200 || (path === '/status' && !body.includes('"ready"')))
      throw new Error(`${path}: ${body}`)
    return ms
  }
  const ask = async (known: number, count: number): Promise<Times> => {
    const taken: Times = { status: [], health: [] }
    for (let n = 0; n < count; n++) {
      taken.status.push(await timed('/status', nameOf(Math.floor(Math.random() * known))))
      taken.health.push(await timed('/health', ''))
    }
    return taken
  }

  for (let pass = 1; pass <= passes; pass++) {
    await ground.redis.flushall()
    let known = 0
    for (const count of COUNTS) {
      note(`pass ${pass} of ${passes}: ${count} sessions`)
      for (; known < count; known += PUBLISHED_AT_ONCE) await publishMany(ground, known, count)
      known = count
      await ask(known, Math.min(200, asked))
      const taken = await ask(known, asked)
      times.get(count)?.status.push(...taken.status)
      times.get(count)?.health.push(...taken.health)
    }
  }
  const findings = (['status', 'health'] as const).flatMap((path) => {
    const medians = COUNTS.map((count) => median(times.get(count)?.[path] ?? []))
    const worst = COUNTS.map((count) => percentile(times.get(count)?.[path] ?? [], 0.99))
    const figures = (values: number[]) => `${values.map((ms) => ms.toFixed(1)).join(' → ')} ms`
    return [
      {
        what: `/${path} with 10 → 1,000 → 10,000 sessions: p99, worst`,
        ours: figures(worst),
        figure: Math.max(...worst),
        unit: 'ms' as const,
        budget: { atMost: 10 },
      },
      {
        what: `/${path} with 10,000 over 10 sessions: median`,
        ours: figures(medians),
        figure: (medians.at(-1) as number) / (medians[0] as number),
        unit: '×' as const,
        budget: { atMost: FLAT },
        note: `up to ${FLAT} × is flat`,
      },
    ]
  })
  return { findings }
}

async function publishMany(ground: Ground, from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: Math.min(PUBLISHED_AT_ONCE, to - from) }, (_, i) => from + i)
  await Promise.all(numbers.map((n) => publishReady(ground.redis, nameOf(n), phone(n))))
}

function nameOf(n: number): string {
  return `known-${n}`
}
