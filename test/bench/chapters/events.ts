import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { appendEvents } from '@wsg/shared/redis/event/append-events.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { LeaseToken } from '@wsg/shared/redis/session/lease.ts'
import { Receiver } from '../../support/receiver.ts'
import { waitFor } from '../../support/wait-for.ts'
import { median, percentile } from '../figures.ts'
import type { BenchSetting, ChapterResult, Finding } from '../finding.ts'
import { Ground } from '../ground.ts'
import type { HttpCaller } from '../http-caller.ts'
import { customers, phone } from '../phones.ts'
import { publishReady } from '../published-session.ts'
import { RedisCounter } from '../redis-counter.ts'
import { difference, total } from '../tally.ts'

const SESSION = 'events'
const BUSY = 50
const KNOWN = 10_000
const PER_SECOND = 200
const AT_ONCE = 50
const CLOCK_TICKS_PER_S = 100

interface Run {
  /** From the command that logs an event to its arrival at the receiver, in ms. */
  lags: number[]
  lost: number
  cpuSeconds: number
  commandsPerSecond: number
}

/**
 * From WhatsApp Web to the receiver of a webhook: one message through a real page, then 200 events a second of 50 sessions, which are
 * written where a worker writes them because 50 browsers do not fit, and the same with 10,000 sessions known, each with a webhook.
 */
export async function events({ quick, note }: BenchSetting): Promise<ChapterResult> {
  const count = quick ? 40 : 300
  const seconds = quick ? 4 : 20
  let counter: RedisCounter | undefined
  await using ground = await Ground.start({
    redisUrlFor: async (program, url) => {
      if (program === 'worker') return url
      counter = await RedisCounter.start(url)
      return counter.url
    },
  })
  await using gateway = counter as RedisCounter | undefined
  const receiver = await Receiver.start()
  try {
    const caller = ground.caller(AT_ONCE)
    const worker = await ground.startSession(SESSION, phone(1))
    await setUp(caller, SESSION, receiver)
    note(`${count} messages, one after another`)
    const single = await throughPage(ground, receiver, count)
    await worker.stop()

    const measure = () => produce(ground, receiver, gateway, { seconds })
    await publishMany(ground, caller, receiver, { from: 0, to: BUSY })
    await produce(ground, receiver, gateway, { seconds: 2 })
    note(`${PER_SECOND} events a second of ${BUSY} sessions`)
    const few = await measure()
    note(`${KNOWN} sessions, each with a webhook, become known`)
    await publishMany(ground, caller, receiver, { from: BUSY, to: KNOWN })
    await produce(ground, receiver, gateway, { seconds: 2 })
    note(`the same events with ${KNOWN} sessions known`)
    const many = await measure()

    const rate = `${PER_SECOND} events a second of ${BUSY} sessions`
    return {
      findings: [
        ...lagOf('message to a page → webhook, one at a time', single),
        ...lagOf(`event → webhook, ${rate}`, few.lags),
        {
          what: `${rate}: lost`,
          ours: String(few.lost + many.lost),
          figure: few.lost + many.lost,
          unit: '',
          budget: { atMost: 0 },
        },
        ratio(`CPU of the gateway with ${KNOWN} sessions known over ${BUSY}`, many, few, 'cpuSeconds', 's'),
        ratio(`its commands to Redis`, many, few, 'commandsPerSecond', '/s'),
        ...lagOf(`event → webhook, the same with ${KNOWN} known`, many.lags),
      ],
    }
  } finally {
    await receiver.close()
  }
}

/** @returns from the moment at which the simulated phone is asked to write to the arrival at the receiver, in ms */
async function throughPage(ground: Ground, receiver: Receiver, count: number): Promise<number[]> {
  const [writer = ''] = customers(1)
  const lags: number[] = []
  const warmUp = 10
  for (let n = 0; n < count + warmUp; n++) {
    const since = performance.now()
    const id = await ground.simulator.inbound(phone(1), writer, `message ${n}`)
    const arrived = await waitFor(
      'the webhook',
      () => receiver.taken.findLast(({ event }) => event.data.id === id),
      {
        everyMs: 1,
      },
    )
    if (n >= warmUp) lags.push(arrived.at - since)
    receiver.requests.length = 0
  }
  return lags
}

/** Logs events of the busy sessions in turn, under the leases of their owners, and waits until they have arrived. */
async function produce(
  ground: Ground,
  receiver: Receiver,
  counter: RedisCounter | undefined,
  { seconds }: { seconds: number },
): Promise<Run> {
  const { redis } = ground
  const tokens = await redis.mget(Array.from({ length: BUSY }, (_, n) => keys.lease(nameOf(n))))
  receiver.requests.length = 0
  const count = seconds * PER_SECOND
  const loggedAt = new Map<string, number>()
  const commands = counter?.commands() ?? new Map()
  const cpu = cpuSecondsOf(ground.gateway.pid)
  const since = performance.now()
  const writing: Promise<unknown>[] = []
  for (let n = 0; n < count; n++) {
    const early = since + (n * 1_000) / PER_SECOND - performance.now()
    if (early > 1) await pause(early)
    const sessionId = nameOf(n % BUSY)
    const id = `3A${String(n).padStart(18, '0')}-${since}`
    loggedAt.set(id, performance.now())
    const token = tokens[n % BUSY] as LeaseToken
    writing.push(appendEvents(redis, { sessionId, token, events: [messageEvent(id, n)] }))
  }
  await Promise.all(writing)
  const elapsedS = (performance.now() - since) / 1_000
  const arrived = () => new Set(receiver.taken.map(({ event }) => String(event.data.id)))
  await waitFor('the events', () => arrived().size >= count, { timeoutMs: 30_000 }).catch(() => {})
  const ids = arrived()
  return {
    lags: receiver.taken.map(({ at, event }) => at - (loggedAt.get(event.data.id) ?? Number.NaN)),
    lost: [...loggedAt.keys()].filter((id) => !ids.has(id)).length,
    cpuSeconds: cpuSecondsOf(ground.gateway.pid) - cpu,
    commandsPerSecond: total(difference(counter?.commands() ?? new Map(), commands)) / elapsedS,
  }
}

function messageEvent(id: string, n: number) {
  const [chat = ''] = customers(40).slice(n % 40)
  return {
    event: 'message' as const,
    occurrence: id,
    chats: [`${chat}@c.us`],
    data: {
      ...{ id, messageId: `false_${chat}@c.us_${id}`, chatId: `${chat}@c.us`, phone: chat, fromMe: false },
      ...{ from: { phone: chat }, type: 'text', text: 'A message of the benchmark', mentions: [], ack: 1 },
      timestamp: new Date().toISOString(),
    },
  }
}

async function publishMany(
  ground: Ground,
  caller: HttpCaller,
  receiver: Receiver,
  { from, to }: { from: number; to: number },
): Promise<void> {
  for (let n = from; n < to; n += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, to - n) }, (_, i) => n + i)
    await Promise.all(numbers.map((each) => publishReady(ground.redis, nameOf(each), phone(each + 2))))
    await Promise.all(numbers.map((each) => setUp(caller, nameOf(each), receiver)))
  }
}

async function setUp(caller: HttpCaller, session: string, receiver: Receiver): Promise<void> {
  const { status, body } = await caller.put('/webhooks/bench', session, { url: receiver.url })
  if (status !== 200) throw new Error(`the webhook was refused: ${status} ${body}`)
}

function nameOf(n: number): string {
  return `known-${n}`
}

/** What a process has computed so far, with what the kernel did for it. */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return (Number(user) + Number(system)) / CLOCK_TICKS_PER_S
}

function lagOf(what: string, lags: readonly number[]): Finding[] {
  const row = (name: string, figure: number, atMost: number): Finding => ({
    what: `${what}: ${name}`,
    ours: `${figure.toFixed(1)} ms`,
    figure,
    unit: 'ms',
    budget: { atMost },
  })
  return [row('p50', median(lags), 15), row('p99', percentile(lags, 0.99), 100)]
}

/** What counts as the same. */
const SAME = 1.15

function ratio(
  what: string,
  many: Run,
  few: Run,
  part: 'cpuSeconds' | 'commandsPerSecond',
  unit: string,
): Finding {
  return {
    what,
    ours: `${many[part].toFixed(1)} ${unit}`,
    baseline: `${few[part].toFixed(1)} ${unit}`,
    figure: many[part] / few[part],
    unit: '×',
    budget: { atMost: SAME },
    note: `up to ${SAME} × is the same`,
  }
}
