/**
 * Many paired sessions that start at once on one host, as after its reboot: plain workers, a real Chromium each, the
 * simulator for WhatsApp. Prints how long it takes until all are ready and what each takes of memory (PSS, worker and
 * browser), and whether one of them tripped a watchdog. `--sessions 40`; each takes up to 250 MB.
 */
import { parseArgs } from 'node:util'
import { keys } from '@wsg/shared/redis/keys.ts'
import { processTreeMemoryMb } from '@wsg/worker/src/memory/process-memory.ts'
import { Fleet } from '../support/fleet.ts'
import { waitFor } from '../support/wait-for.ts'
import { loadNow, median, seconds } from './figures.ts'

const ALL_READY_LIMIT_MS = 600_000
const SETTLED_MS = 5_000
const { values } = parseArgs({ options: { sessions: { type: 'string', default: '40' } } })
const sessions = Array.from({ length: Number(values.sessions) }, (_, n) => `session-${n}`)

const fleet = await Fleet.start()
try {
  for (const [n, session] of sessions.entries()) {
    await fleet.startWorker()
    await fleet.pair(session, `55119${String(n).padStart(8, '0')}`)
  }
  await Promise.all(fleet.living().map((worker) => worker.stop()))
  await fleet.redis.del(...sessions.map((session) => keys.history(session)))
  console.log(`${sessions.length} sessions are paired and down; load ${loadNow()}`)

  const since = performance.now()
  const workers = sessions.map(() => fleet.spawnWorker())
  const readyAt = await Promise.all(sessions.map((session) => readyAfter(session, since)))
  console.log(
    `first ready after ${seconds(Math.min(...readyAt))}, half after ${seconds(median(readyAt))}, ` +
      `all after ${seconds(Math.max(...readyAt))} · load ${loadNow()}`,
  )

  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS))
  const memory = await Promise.all(
    workers.map(async ({ pid }) => (await processTreeMemoryMb(pid)) ?? Number.NaN),
  )
  const total = memory.reduce((sum, mb) => sum + mb, 0)
  console.log(
    `PSS of a session: median ${median(memory).toFixed(0)} MB, most ${Math.max(...memory).toFixed(0)} MB, ` +
      `all ${total.toFixed(0)} MB`,
  )

  const faults = await faultsSince()
  console.log(faults.length === 0 ? 'no watchdog barked, no session failed' : faults.join('\n'))
  process.exitCode = faults.length === 0 ? 0 : 1
} finally {
  await fleet.close()
}

async function readyAfter(session: string, since: number): Promise<number> {
  await waitFor(
    `${session} to be ready`,
    async () => (await fleet.api.get('/status', session)).body.status === 'ready',
    { timeoutMs: ALL_READY_LIMIT_MS, everyMs: 250 },
  )
  return performance.now() - since
}

/** What the sessions' histories say beside that they were started and became ready. */
async function faultsSince(): Promise<string[]> {
  const faults: string[] = []
  for (const session of sessions) {
    const history = await fleet.redis.lrange(keys.history(session), 0, -1)
    const events = history.map((entry) => String((JSON.parse(entry) as { event: unknown }).event))
    const bad = events.filter((event) => event !== 'started' && event !== 'ready')
    if (bad.length > 0 || !events.includes('ready')) faults.push(`${session}: ${events.join(', ')}`)
  }
  const barks = fleet.workers.flatMap(
    ({ output }) => output.match(/"the ownership ends"[^\n]*fault[^\n]*/g) ?? [],
  )
  return [...faults, ...barks]
}
