/**
 * One session in one container with its memory cap, sending steadily: does its memory stay where it is? Prints a line a
 * minute and the slope, and whether everything that was accepted arrived once and in order. `--minutes 15`, `--rate 10`
 * (sends a second), needs Docker and the images (`npm run test:containers` builds them).
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ContainerFleet } from '../containers/container-fleet.ts'
import { shell } from '../containers/docker.ts'
import { loadNow, median } from './figures.ts'

const SESSION = 'soak'
const PHONE = '5511911111111'
const CHATS = ['5511922222221', '5511922222222', '5511922222223', '5511922222224']
const SAMPLE_EVERY_MS = 10_000
const SETTLING_MS = 120_000
/** What the kernel counts for the cap, the page cache left out: the caches of both cgroup versions are written off on demand. */
const USED =
  "cat /sys/fs/cgroup/memory.stat /sys/fs/cgroup/memory/memory.stat 2>/dev/null | awk '/^(rss|anon) /{ sum += $2 } END { print sum }'"

interface Sample {
  atMs: number
  usedMb: number
  pssMb: number
  accepted: number
}

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '15' }, rate: { type: 'string', default: '10' } },
})
const lastsMs = Number(values.minutes) * 60_000
const everyMs = 1_000 / Number(values.rate)

const fleet = await ContainerFleet.start({ workers: 1, gateways: 1 })
try {
  await fleet.pair(SESSION, PHONE)
  const container = await fleet.workerOf(SESSION)
  const began = performance.now()
  const samples: Sample[] = []
  const latenciesMs: number[] = []
  const accepted = new Map<string, string[]>(CHATS.map((chat) => [chat, []]))
  const refused: number[] = []
  let turns = Promise.resolve()
  let sampledAt = 0
  let count = 0

  const send = async (chat: string, text: string) => {
    const askedAt = performance.now()
    const { status } = await fleet.api.send(SESSION, chat, text)
    latenciesMs.push(performance.now() - askedAt)
    if (status === 200 || status === 202) accepted.get(chat)?.push(text)
    else refused.push(status)
  }
  const lines = new Map<string, Promise<void>>()
  while (performance.now() - began < lastsMs) {
    const atMs = performance.now() - began
    const chat = CHATS[count % CHATS.length] as string
    const text = `soak ${count++}`
    // One after the other in each chat, so that their order can be checked.
    lines.set(
      chat,
      (lines.get(chat) ?? Promise.resolve()).then(() => send(chat, text)),
    )
    if (atMs - sampledAt >= SAMPLE_EVERY_MS) {
      sampledAt = atMs
      turns = turns.then(() => sample(atMs))
      turns.catch(() => {}) // told at the end
    }
    await pause(Math.max(0, count * everyMs - (performance.now() - began)))
  }
  await Promise.all([...lines.values(), turns])
  await report()

  async function sample(atMs: number): Promise<void> {
    const [used, { body }] = await Promise.all([shell(container, USED), fleet.api.get('/status', SESSION)])
    samples.push({
      atMs,
      usedMb: Number(used) / 1_048_576,
      pssMb: Number(body.memoryMb),
      accepted: latenciesMs.length - refused.length,
    })
    const last = samples.at(-1) as Sample
    if (samples.length % 6 === 0)
      console.log(
        `${(atMs / 60_000).toFixed(0)} min: ${last.usedMb.toFixed(0)} MB counted by the cap, PSS ${last.pssMb} MB, ${last.accepted} sent, load ${loadNow()}`,
      )
  }

  async function report(): Promise<void> {
    const settled = samples.filter(({ atMs }) => atMs >= Math.min(SETTLING_MS, lastsMs / 3))
    let lost = 0
    let doubled = 0
    let disordered = 0
    for (const [chat, texts] of accepted) {
      const wire = await fleet.simulator.messages(PHONE, chat)
      const bodies = wire.map(({ body }) => body)
      lost += texts.filter((text) => !bodies.includes(text)).length
      doubled += wire.filter(({ copies }) => copies > 1).length
      if (texts.join() !== bodies.join()) disordered += 1
    }
    const { body } = await fleet.api.get('/status', SESSION)
    const sorted = latenciesMs.toSorted((a, b) => a - b)
    console.log(
      [
        '',
        `sent ${latenciesMs.length} in ${values.minutes} min (${(latenciesMs.length / (lastsMs / 1_000)).toFixed(1)}/s), refused ${refused.length}`,
        `lost ${lost}, doubled ${doubled}, chats out of order ${disordered}`,
        `answer: median ${median(latenciesMs).toFixed(0)} ms, worst ${sorted.at(-1)?.toFixed(0)} ms`,
        `memory counted by the cap: ${settled[0]?.usedMb.toFixed(0)} → ${settled.at(-1)?.usedMb.toFixed(0)} MB, slope ${slope(settled, 'usedMb').toFixed(2)} MB/h`,
        `memory (PSS): ${settled[0]?.pssMb} → ${settled.at(-1)?.pssMb} MB, slope ${slope(settled, 'pssMb').toFixed(2)} MB/h`,
        `history: ${JSON.stringify(body.history)}`,
      ].join('\n'),
    )
    process.exitCode = lost + doubled + disordered > 0 ? 1 : 0
  }
} finally {
  await fleet.close()
}

/** Least squares, in MB per hour. */
function slope(samples: readonly Sample[], of: 'usedMb' | 'pssMb'): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const x = mean(samples.map(({ atMs }) => atMs))
  const y = mean(samples.map((sample) => sample[of]))
  const rise = samples.reduce((sum, sample) => sum + (sample.atMs - x) * (sample[of] - y), 0)
  const run = samples.reduce((sum, { atMs }) => sum + (atMs - x) ** 2, 0)
  return (rise / run) * 3_600_000
}
