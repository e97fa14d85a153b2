/**
 * A file of messages handed over as NDJSON to a real gateway, with a real browser that sends them and a Redis that is killed
 * and started again in between: does the gateway's memory stay where it is, and does each line arrive once, in the order of
 * its chat? `--lines 100000` (in all), `--sessions 1`, `--chats 200` (of each session). Exits with 1 where a promise is broken.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { keys } from '@wsg/shared/redis/keys.ts'
import { LiveUpload } from '../integration/gateway/bulk/bulk-client.ts'
import { Fleet } from '../support/fleet.ts'
import { waitFor } from '../support/wait-for.ts'
import { loadNow, seconds } from './figures.ts'

/** The heap of a gateway reaches its size within so many. */
const WARM_UP_LINES = 50_000
/** Without a bound Node collects seldom, and what is only garbage looks like growth: it doubles and falls back when idle. */
const GATEWAY_HEAP_MB = 128
/** How much more the second half of an upload may take than the first. */
const MEMORY_GROWTH_MB = 32
const MOST_UPLOADS = 20
const PROGRESS_EVERY_MS = 15_000
const SAMPLE_EVERY_MS = 250

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '100000' },
    sessions: { type: 'string', default: '1' },
    chats: { type: 'string', default: '200' },
  },
})
const chats = Number(values.chats)
const sessions = Array.from({ length: Number(values.sessions) }, (_, i) => ({
  id: `volume-${i + 1}`,
  phone: String(5_511_911_111_111 + i),
}))
const linesEach = Math.floor(Number(values.lines) / sessions.length)
const lines = linesEach * sessions.length
const warmUpLines = Math.min(WARM_UP_LINES, linesEach)

interface Upload {
  batchId: string
  /** By how much the gateway's memory grew in the first of its uploads. */
  grownMb: number
  roundOf: readonly number[]
}

interface Batch {
  accepted: number
  done: boolean
  counts: Record<string, number>
}

const broken: string[] = []
/** By session: in which of its uploads each line was accepted. That is its order before the line's number. */
const acceptedIn = new Map<string, readonly number[]>()
const rssMb: number[] = []
const fleet = await Fleet.start({
  // Read by nobody: it is one move of each record less, and no promise rests on it.
  simulator: { readReceipts: false },
  gatewayEnv: {
    MAX_QUEUED: String(linesEach + WARM_UP_LINES),
    LOG_LEVEL: 'warn',
    NODE_OPTIONS: `--max-old-space-size=${GATEWAY_HEAP_MB}`,
  },
  env: { LOG_LEVEL: 'warn' },
})
const sampler = setInterval(() => rssMb.push(residentMb(fleet.gatewayPid)), SAMPLE_EVERY_MS)
try {
  fleet.keepWorkers(sessions.length)
  for (const { id, phone } of sessions) await fleet.pair(id, phone)
  // Nothing is sent yet, so that uploading and sending are measured one after the other.
  for (const { id } of sessions) await fleet.api.post('/queue/pause', id)
  const emptyBytes = await redisBytes()
  await warmUp()
  const warmedBytes = await redisBytes()
  const batches = await uploadAll()
  const waitingBytes = await redisBytes()
  console.log(`Redis: ${Math.round((waitingBytes - warmedBytes) / lines)} bytes for a message that waits`)
  await sendAll(batches)
  const records = lines + warmUpLines
  console.log(
    `Redis: ${Math.round(((await redisBytes()) - emptyBytes) / records)} bytes for a record that is kept`,
  )
  await compareWithLedger()
} finally {
  clearInterval(sampler)
  await fleet.close()
}
console.log(broken.length === 0 ? 'every promise was kept' : `broken: ${broken.join('; ')}`)
process.exitCode = broken.length === 0 ? 0 : 1

/** An upload that is canceled again: Node's heap settles in the first one. */
async function warmUp(): Promise<void> {
  const { id } = sessions[0] as { id: string }
  const { batchId } = await upload(id, warmUpLines, 'warm-up')
  const cancel = () => fleet.api.request(`/batches/${batchId}`, { method: 'DELETE', session: id })
  await waitFor('it to be canceled', async () => (await cancel()).status === 200, { timeoutMs: 120_000 })
  console.log(`warm-up: the gateway's RSS in MB: ${curve()}; load ${loadNow()}`)
}

/** @returns the batch of each session */
async function uploadAll(): Promise<Map<string, string>> {
  const began = performance.now()
  const batches = new Map<string, string>()
  for (const { id } of sessions) {
    const { batchId, roundOf, grownMb } = await upload(id, linesEach, 'line')
    if (grownMb > MEMORY_GROWTH_MB) broken.push(`the gateway's memory grew by ${grownMb} MB`)
    batches.set(id, batchId)
    acceptedIn.set(id, roundOf)
  }
  const tookMs = performance.now() - began
  console.log(
    `upload: ${lines} lines in ${seconds(tookMs)}, ${Math.round(lines / (tookMs / 1_000))}/s; the gateway's RSS in MB: ${curve()}`,
  )
  return batches
}

/**
 * Uploads under one key until no line is refused, as callers do: a machine that is busy lets commands to Redis time out.
 * @returns the batch, and in which of its uploads each line was accepted
 */
async function upload(session: string, count: number, word: string): Promise<Upload> {
  const roundOf = new Array<number>(count)
  rssMb.length = 0
  let grownMb = 0
  for (let round = 0; ; round += 1) {
    const { answers, status } = await uploadOnce(session, count, word)
    if (round === 0) grownMb = growth()
    const { batchId } = answers.at(-1) ?? {}
    if (batchId === undefined) throw new Error(`the upload ended with ${status}`)
    const codes: Record<string, number> = {}
    for (const { line = 0, id, code, replayed } of answers) {
      if (code !== undefined) codes[code] = (codes[code] ?? 0) + 1
      // What is known without having been answered was accepted in the upload before.
      else if (id !== undefined) roundOf[line - 1] ??= replayed === true ? round - 1 : round
    }
    if (Object.keys(codes).length === 0) return { batchId, roundOf, grownMb }
    console.log(`${word}: ${JSON.stringify(codes)} of ${count} lines were refused, and come again`)
    if (round === MOST_UPLOADS) throw new Error(`lines are still refused in upload ${round + 1}`)
  }
}

/** The word and number are the text, so that the ledger tells which line it was. */
async function uploadOnce(session: string, count: number, word: string): Promise<LiveUpload> {
  const live = await LiveUpload.start(fleet.api.address, session, {
    authorization: `Bearer ${fleet.api.token}`,
    'idempotency-key': word,
  })
  for (let number = 0; number < count; number += 1) {
    const to = String(5_521_900_000_000 + (number % chats))
    await live.write(`${JSON.stringify({ to, message: `${word} ${number}` })}\n`)
  }
  live.end()
  await live.ended
  return live
}

async function sendAll(batches: ReadonlyMap<string, string>): Promise<void> {
  rssMb.length = 0
  const began = performance.now()
  for (const { id } of sessions) await fleet.api.post('/queue/resume', id)
  let isKilled = false
  let firstAt: number | null = null
  let awayMs = 0
  let toldAt = began
  let told = 0
  for (;;) {
    await pause(SAMPLE_EVERY_MS)
    const states = await Promise.all([...batches].map(([session, batch]) => readBatch(session, batch)))
    const settled = states.reduce((sum, { accepted, counts }) => sum + accepted - unsettled(counts), 0)
    if (settled > 0) firstAt ??= performance.now()
    if (!isKilled && settled >= lines * 0.4) {
      isKilled = true
      awayMs = await restartRedis(lines - settled)
    }
    if (performance.now() - toldAt >= PROGRESS_EVERY_MS) {
      const rate = (settled - told) / ((performance.now() - toldAt) / 1_000)
      toldAt = performance.now()
      told = settled
      const { body } = await fleet.api.get('/status', sessions[0]?.id)
      console.log(
        `${seconds(toldAt - began)}: ${settled} of ${lines} settled, ${rate.toFixed(0)}/s; gateway ${rssMb.at(-1)} MB, worker and browser ${body.memoryMb} MB, load ${loadNow()}`,
      )
    }
    if (!states.every(({ done }) => done)) continue
    const sendingMs = performance.now() - (firstAt ?? began) - awayMs
    console.log(
      `the first was settled after ${seconds((firstAt ?? began) - began)}, behind ${warmUpLines} canceled ones; all in ${seconds(sendingMs)} more, without the time that Redis was away: ${Math.round(lines / (sendingMs / 1_000))}/s; the gateway's RSS in MB: ${curve()}`,
    )
    for (const { counts } of states) {
      const some = Object.entries(counts).filter(([, count]) => count > 0)
      console.log(`states: ${some.map(([state, count]) => `${count} ${state}`).join(', ')}`)
    }
    return
  }
}

/** kill -9 and a start on the same data. @returns ms until something was sent again */
async function restartRedis(waiting: number): Promise<number> {
  const { id } = sessions[0] as { id: string }
  const left = async () => await fleet.redis.zcard(keys.queued(id))
  const inFlight = await fleet.redis.scard(keys.sending(id))
  const file = /^aof_current_size:(\d+)/m.exec(await fleet.redis.info('persistence'))?.[1]
  const { pid: browser } = fleet.browserOf(id)
  const began = performance.now()
  await fleet.server.kill()
  await fleet.server.restart()
  const backMs = performance.now() - began
  const isReady = async () => (await fleet.api.get('/readyz')).status === 200
  await waitFor('the gateway to be back', isReady, { everyMs: 10 })
  const acceptingMs = performance.now() - began
  const before = await waitFor('Redis to take commands', left, { everyMs: 10 })
  await waitFor('sending to go on', async () => (await left()) < before, { timeoutMs: 120_000, everyMs: 10 })
  const awayMs = performance.now() - began
  const owner = fleet.browserOf(id).pid === browser ? 'the same browser' : 'a new browser, of a new worker'
  console.log(
    `Redis was killed with ${waiting} not settled and ${inFlight} in flight; its file of ${Math.round(Number(file) / 1_048_576)} MB was loaded after ${seconds(backMs)}, the gateway was back after ${seconds(acceptingMs)}, sending went on after ${seconds(awayMs)}, by ${owner}`,
  )
  return awayMs
}

async function compareWithLedger(): Promise<void> {
  const response = await fetch(`${fleet.simulator.url}/ledger`)
  const { ledger } = (await response.json()) as { ledger: { account: string; to: string; body: string }[] }
  for (const { id, phone } of sessions) {
    const arrivals = new Array<number>(linesEach).fill(0)
    const roundOf = acceptedIn.get(id) ?? []
    const lastOfChat = new Map<string, number>()
    let strange = 0
    let disordered = 0
    for (const { to, body } of ledger.filter(({ account }) => account === phone)) {
      const number = Number(/^line (\d+)$/.exec(body)?.[1] ?? Number.NaN)
      if (arrivals[number] === undefined) strange += 1
      else arrivals[number] += 1
      const place = (roundOf[number] ?? 0) * linesEach + number
      if (place < (lastOfChat.get(to) ?? -1)) disordered += 1
      lastOfChat.set(to, place)
    }
    const lost = arrivals.filter((count) => count === 0).length
    const doubled = arrivals.filter((count) => count > 1).length
    const verdict = `${id}: lost ${lost}, doubled ${doubled}, out of order ${disordered}, canceled and sent all the same ${strange}`
    console.log(`${verdict}; ${lastOfChat.size} chats`)
    if (lost + doubled + disordered + strange > 0) broken.push(verdict)
  }
}

async function readBatch(session: string, batch: string): Promise<Batch> {
  return await waitFor('the batch', async () => {
    const { status, body } = await fleet.api.get(`/batches/${batch}`, session)
    return status === 200 && (body as unknown as Batch)
  })
}

function unsettled({ queued = 0, sending = 0 }: Record<string, number>): number {
  return queued + sending
}

async function redisBytes(): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await fleet.redis.info('memory'))?.[1])
}

function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024)
}

/** By how much the highest sample of the second half is above that of the first. */
function growth(): number {
  const half = Math.ceil(rssMb.length / 2)
  return Math.max(...rssMb.slice(half)) - Math.max(...rssMb.slice(0, half))
}

/** Ten of the samples, and the highest. */
function curve(): string {
  const every = Math.max(1, Math.floor(rssMb.length / 10))
  return `${rssMb.filter((_, i) => i % every === 0).join(' ')}, at most ${Math.max(...rssMb)}`
}
