import { setTimeout as pause } from 'node:timers/promises'
import type { BenchSetting, ChapterResult, Finding } from '../finding.ts'
import { Ground } from '../ground.ts'
import type { HttpCaller } from '../http-caller.ts'
import { PageCounter } from '../page-counter.ts'
import { customers, phone } from '../phones.ts'
import { RawSession } from '../raw-session.ts'
import { RedisCounter } from '../redis-counter.ts'
import { difference, perMessage, type Tally, total } from '../tally.ts'

const SESSION = 'counts'
const PARALLEL = 32
/** Until the last message is delivered and read. */
const ACKS_MS = 500

interface Counted {
  gateway: Tally
  worker: Tally
  page: Tally
}

/**
 * What one message asks of Redis and of the page: commands of the gateway and of the worker, messages on Chromium's
 * pipe, all acks of the message included. Counted from outside, without the product's knowing.
 */
export async function counts({ quick, note }: BenchSetting): Promise<ChapterResult> {
  const count = quick ? 60 : 300
  const tap = await PageCounter.create()
  const counters: Partial<Record<'gateway' | 'worker', RedisCounter>> = {}
  await using ground = await Ground.start({
    workerEnv: { PUPPETEER_EXECUTABLE_PATH: tap.executable },
    redisUrlFor: async (program, url) => {
      counters[program] = await RedisCounter.start(url)
      return counters[program].url
    },
  })
  await ground.startSession(SESSION, phone(1))
  await using gateway = counters.gateway as RedisCounter
  await using worker = counters.worker as RedisCounter
  const caller = ground.caller(PARALLEL)
  const chats = customers(PARALLEL)
  const look = (): Counted => ({
    gateway: gateway.commands(),
    worker: worker.commands(),
    page: tap.read().byMethod,
  })
  const during = async (work: () => Promise<void>): Promise<Counted & { ms: number }> => {
    const before = look()
    const since = performance.now()
    await work()
    const ms = performance.now() - since
    const after = look()
    return {
      gateway: difference(after.gateway, before.gateway),
      worker: difference(after.worker, before.worker),
      page: difference(after.page, before.page),
      ms,
    }
  }
  /** Counts while `count` messages are sent by so many at a time, and for as long again without any. */
  const counted = async (parallel: number) => {
    const busy = await during(async () => {
      await sendMany(caller, chats.slice(0, parallel), count)
      await pause(ACKS_MS)
    })
    const idle = await during(() => pause(busy.ms))
    const of = (part: keyof Counted) => perMessage(busy[part], idle[part], count)
    return { gateway: of('gateway'), worker: of('worker'), page: of('page') }
  }

  note('warming up')
  await sendMany(caller, chats, PARALLEL * 2)
  await pause(ACKS_MS)
  const connections = { gateway: gateway.connections, worker: worker.connections }
  note(`${count} sends, one after another`)
  const single = await counted(1)
  note(`${count} sends, ${PARALLEL} chats at a time`)
  const many = await counted(PARALLEL)
  note('the same with raw whatsapp-web.js')
  const rawPage = await countRaw(ground, chats, count)

  const row = (what: string, part: keyof Counted): Finding => ({
    what,
    ours: `${total(single[part]).toFixed(1)} alone, ${total(many[part]).toFixed(1)} among ${PARALLEL} chats`,
    figure: Number(total(single[part]).toFixed(1)),
    unit: '',
  })
  return {
    findings: [
      row('commands to Redis per acked message, gateway', 'gateway'),
      row('commands to Redis per acked message, worker', 'worker'),
      {
        ...row('messages on the pipe to Chromium per acked message', 'page'),
        baseline: `${total(rawPage).toFixed(1)} raw`,
      },
      connected('Redis connections of a gateway', connections.gateway, 6),
      connected('Redis connections of a worker that owns a session', connections.worker, 4),
    ],
    details: [
      ...listed('What one acked message asks, all its acks included, sent alone:', {
        gateway: single.gateway,
        worker: single.worker,
        page: single.page,
        'page, raw': rawPage,
      }),
      ...listed(`The same among ${PARALLEL} chats at a time:`, many),
    ],
  }
}

async function sendMany(caller: HttpCaller, chats: string[], count: number): Promise<void> {
  let left = count
  const line = async (chat: string) => {
    while (left-- > 0) await caller.sendAcked(SESSION, chat, 'a message of the benchmark')
  }
  await Promise.all(chats.map(line))
}

async function countRaw(ground: Ground, chats: string[], count: number): Promise<Tally> {
  const tap = await PageCounter.create()
  await using raw = await RawSession.paired(ground.simulator, phone(2), { chromium: tap.executable })
  const send = async (limit: number) => {
    await raw.send(chats.slice(0, 1), 'a message of the benchmark', { count: limit })
    await pause(ACKS_MS)
  }
  await send(20)
  const before = tap.read().byMethod
  await send(count)
  return perMessage(difference(tap.read().byMethod, before), new Map(), count)
}

function connected(what: string, figure: number, atMost: number): Finding {
  return { what, ours: String(figure), figure, unit: '', budget: { atMost } }
}

function listed(title: string, parts: Record<string, Tally>): string[] {
  return [
    title,
    ...Object.entries(parts).flatMap(([part, tally]) => [
      `  ${part}: ${total(tally).toFixed(2)}`,
      ...[...tally].map(([name, n]) => `    ${n.toFixed(2).padStart(6)}  ${name}`),
    ]),
  ]
}
