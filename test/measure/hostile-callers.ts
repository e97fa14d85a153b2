/**
 * What a gateway with a real Redis costs when callers mean it harm: bodies that are never finished and that nobody may send,
 * connections that trickle one byte every three seconds, connections without a request, and lines that ask for huge
 * answers. `--sockets 600` (with a body of 1.48 MB each), `--slow 20`, `--idle 6000`, `--seconds 75` (how long the
 * slow ones trickle). Prints the memory before and at its peak, what was answered, and what is still connected.
 */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ActingWorker } from '../integration/gateway/acting-worker.ts'
import { GatewayProcess } from '../support/gateway-process.ts'
import { startRedis } from '../support/redis.ts'
import { loadNow } from './figures.ts'

const TOKEN = 'token-of-the-measurement'
const SESSION = 'shop'
const DECLARED_BYTES = 1_490_000
const SENT_BYTES = 1_480_000
const WIDE_LINES = 110
const WIDE_KEY_BYTES = 1_400_000
const TRICKLE_EVERY_MS = 3_000
/** Far longer than it takes: a busy machine delays this program too. */
const SETTLES_WITHIN_MS = 60_000

const { values } = parseArgs({
  options: {
    sockets: { type: 'string', default: '600' },
    slow: { type: 'string', default: '20' },
    idle: { type: 'string', default: '6000' },
    seconds: { type: 'string', default: '75' },
  },
})

/** A raw connection that counts what it is told. */
class Caller {
  readonly socket: Socket
  answered = 0
  status = ''
  isOpen = true

  constructor(text: string) {
    this.socket = connect({ host: '127.0.0.1', port: Number(new URL(gateway.address).port) })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.isOpen = false
    })
    this.socket.on('data', (data) => {
      if (this.answered === 0) this.status = data.toString('latin1', 9, 12)
      this.answered += data.length
    })
    if (text !== '') this.socket.write(text)
  }
}

const redis = await startRedis()
const worker = await ActingWorker.ready(redis.url, SESSION)
let gateway: GatewayProcess
let peakMb = 0

const unfinished = (path: string) => head('POST', path, '', DECLARED_BYTES) + 'x'.repeat(SENT_BYTES)
try {
  await against(() => many('POST /nope without a token, unfinished body', unfinished('/nope')))
  await against(() => many('POST /send without a token, unfinished body', unfinished('/send')))
  await against(slow)
  await against(idle)
  await against(wide)
  console.log(`load ${loadNow()}`)
} finally {
  await worker.close()
  await redis.stop()
}

/** Runs one attack against a gateway of its own. */
async function against(attack: () => Promise<void>): Promise<void> {
  gateway = await GatewayProcess.start({ REDIS_URL: redis.url, API_TOKEN: TOKEN })
  const sampler = setInterval(() => {
    peakMb = Math.max(peakMb, residentMb())
  }, 50)
  peakMb = 0
  try {
    // The heap of a gateway that has answered nothing yet grows by itself.
    for (let n = 0; n < 2_000; n += 1) await (await fetch(`${gateway.address}/livez`)).text()
    await attack()
  } finally {
    clearInterval(sampler)
    await gateway.end('SIGKILL')
  }
}

async function many(what: string, text: string): Promise<void> {
  const before = residentMb()
  const callers = Array.from({ length: Number(values.sockets) }, () => new Caller(text))
  await report(what, before, callers, SETTLES_WITHIN_MS)
}

/** One byte every three seconds, in the head, in a body that may come, and in one that is refused. */
async function slow(): Promise<void> {
  const starts = {
    'one byte every 3 s: the head': 'GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: ',
    'one byte every 3 s: the body of POST /send': head('POST', '/send', TOKEN, DECLARED_BYTES),
    'one byte every 3 s: a body behind a 401': head('POST', '/send', '', DECLARED_BYTES),
    'not one byte after the head of POST /send/bulk': head(
      'POST',
      '/send/bulk',
      TOKEN,
      DECLARED_BYTES,
      'application/x-ndjson',
    ),
  }
  const before = residentMb()
  const groups = Object.entries(starts).map(([what, text]) => ({
    what,
    callers: Array.from({ length: Number(values.slow) }, () => new Caller(text)),
  }))
  const trickle = setInterval(() => {
    for (const { what, callers } of groups)
      if (what.startsWith('one byte'))
        for (const { socket, isOpen } of callers) if (isOpen && socket.writable) socket.write(' ')
  }, TRICKLE_EVERY_MS)
  await pause(Number(values.seconds) * 1_000)
  clearInterval(trickle)
  for (const { what, callers } of groups) await report(`${what}, for ${values.seconds} s`, before, callers, 0)
}

async function idle(): Promise<void> {
  const before = residentMb()
  const callers = Array.from({ length: Number(values.idle) }, () => new Caller(''))
  await report('connections without a request', before, callers, SETTLES_WITHIN_MS)
}

async function wide(): Promise<void> {
  const before = residentMb()
  const key = 'k'.repeat(WIDE_KEY_BYTES)
  const line = `{"to":"5511999887766","message":"x","${key}":1}\n`
  const caller = new Caller(
    head('POST', '/send/bulk', TOKEN, line.length * WIDE_LINES, 'application/x-ndjson'),
  )
  for (let n = 0; n < WIDE_LINES; n += 1) {
    if (!caller.socket.write(line)) await new Promise((resolve) => caller.socket.once('drain', resolve))
  }
  await report(
    `${WIDE_LINES} lines with an unknown field of 1.4 MB each`,
    before,
    [caller],
    SETTLES_WITHIN_MS,
  )
}

/** Prints the figures of some callers once all are answered, or after so long, and hangs up. */
async function report(
  what: string,
  beforeMb: number,
  callers: readonly Caller[],
  withinMs: number,
): Promise<void> {
  const end = performance.now() + withinMs
  while (performance.now() < end && callers.some(({ isOpen }) => isOpen)) await pause(100)
  const statuses = new Map<string, number>()
  for (const { status } of callers) statuses.set(status || 'none', (statuses.get(status || 'none') ?? 0) + 1)
  const open = callers.filter(({ isOpen }) => isOpen).length
  const bytes = callers.reduce((sum, { answered }) => sum + answered, 0)
  console.log(
    `${what}: ${beforeMb.toFixed(0)} → ${peakMb.toFixed(0)} MB; answers ${JSON.stringify(Object.fromEntries(statuses))}, ` +
      `${(bytes / 1e6).toFixed(2)} MB of them; still connected ${open} of ${callers.length}`,
  )
  for (const { socket } of callers) socket.destroy()
}

function head(method: string, path: string, token: string, bytes: number, type = 'application/json'): string {
  const authorization = token === '' ? '' : `Authorization: Bearer ${token}\r\n`
  return `${method} ${path} HTTP/1.1\r\nHost: x\r\n${authorization}X-Session-Id: ${SESSION}\r\nContent-Type: ${type}\r\nContent-Length: ${bytes}\r\n\r\n`
}

function residentMb(): number {
  const pages = readFileSync(`/proc/${gateway.pid}/statm`, 'utf8').split(' ')[1]
  return (Number(pages) * 4_096) / 1_048_576
}
