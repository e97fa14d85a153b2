import { existsSync } from 'node:fs'
import { copyFile, cp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { processTreeMemoryMb } from '@wsg/worker/src/memory/process-memory.ts'
import { chromium as chromiumLaunch } from '../../support/chromium.ts'
import type { BenchSetting, ChapterResult } from '../finding.ts'
import { Ground } from '../ground.ts'
import type { HttpCaller } from '../http-caller.ts'
import { customers, phone } from '../phones.ts'
import type { Program } from '../program.ts'
import { type RawPrograms, RawSession } from '../raw-session.ts'

const SESSION = 'memory'
const FURTHER = 3
const PARALLEL = 16

/** What a worker and its Chromium take (PSS), alone, beside others, and after thousands of sends. */
export async function memory({ quick, note }: BenchSetting): Promise<ChapterResult> {
  const sends = quick ? 300 : 5_000
  const settleMs = quick ? 3_000 : 20_000
  const { node, chromium } = await copyPrograms()
  await using ground = await Ground.start({
    node,
    ...(chromium !== undefined && { workerEnv: { PUPPETEER_EXECUTABLE_PATH: chromium } }),
  })
  const rest = async () => {
    note(`letting it rest for ${settleMs / 1_000} s`)
    await pause(settleMs)
  }
  const raw = await measureRaw(ground, { node, ...(chromium !== undefined && { chromium }) }, sends, rest)

  note('compiling, as images and earlier workers have done')
  await compileAhead(ground)
  const worker = await ground.startSession(SESSION, phone(0))
  await rest()
  const alone = await memoryMb(worker)
  const parts = await partsOf(ground, worker)

  const further: Program[] = []
  for (let n = 1; n <= FURTHER; n++) {
    note(`starting session ${n + 1} of ${FURTHER + 1}`)
    further.push(await ground.startSession(`${SESSION}-${n}`, phone(n)))
  }
  await rest()
  const eachFurther = ((await memoryMb(worker, ...further)) - alone) / FURTHER
  await Promise.all(further.map((other) => other.stop()))

  note(`${sends} sends`)
  await sendMany(ground.caller(PARALLEL), sends)
  await rest()
  const afterSends = await memoryMb(worker)
  const partsAfter = await partsOf(ground, worker)

  return {
    findings: [
      {
        what: 'memory of one idle ready session, worker and Chromium (PSS)',
        ours: `${alone} MB`,
        baseline: `${raw.alone} MB raw`,
        figure: alone,
        unit: 'MB',
        budget: { atMost: 220 },
        note: parts,
      },
      {
        what: `each of ${FURTHER} further sessions`,
        ours: `${eachFurther.toFixed(0)} MB`,
        figure: eachFurther,
        unit: 'MB',
        budget: { atMost: 130 },
      },
      {
        what: `the first one after ${sends} sends`,
        ours: `${afterSends} MB`,
        baseline: `${alone} MB before; raw ${raw.alone} → ${raw.afterSends} MB`,
        figure: afterSends / alone,
        unit: '×',
        budget: { atMost: 1.15 },
        note: partsAfter,
      },
    ],
  }
}

/** Stock whatsapp-web.js, idle and after as many sends: what grows there too is the page's. */
async function measureRaw(
  { simulator }: Ground,
  programs: RawPrograms,
  sends: number,
  rest: () => Promise<void>,
): Promise<{ alone: number; afterSends: number }> {
  await using raw = await RawSession.paired(simulator, phone(9), programs)
  await rest()
  const alone = (await processTreeMemoryMb(raw.pid)) ?? Number.NaN
  await raw.send(customers(PARALLEL), 'a message of the benchmark', { count: sends })
  await rest()
  return { alone, afterSends: (await processTreeMemoryMb(raw.pid)) ?? Number.NaN }
}

/** Fills the compile cache: without it the first worker that ever runs keeps the compiler, and what it made of all sources. */
async function compileAhead(ground: Ground): Promise<void> {
  const session = 'compiled-ahead'
  const worker = await ground.startSession(session, phone(FURTHER + 1))
  await ground.api.request('/session/stop', { method: 'POST', session })
  await ground.untilIdle(1)
  await worker.stop()
}

async function sendMany(caller: HttpCaller, count: number): Promise<void> {
  const chats = customers(PARALLEL)
  let left = count
  const line = async (chat: string) => {
    while (left-- > 0) await caller.sendAcked(SESSION, chat, 'a message of the benchmark')
  }
  await Promise.all(chats.map(line))
}

/** "Node 80 MB, Chromium 150 MB" of one worker. */
async function partsOf(ground: Ground, worker: Program): Promise<string> {
  const browserMb = (await processTreeMemoryMb(ground.browserOf(SESSION).pid)) ?? Number.NaN
  return `Node ${(await memoryMb(worker)) - browserMb} MB, Chromium ${browserMb} MB`
}

/**
 * Copies of Node and Chromium for gateway and workers. These share their pages among each other, as on every machine that
 * runs them, and with nothing else that runs here: the benchmark itself would make a session look smaller.
 */
async function copyPrograms(): Promise<{ node: string; chromium?: string }> {
  const node = join(tmpdir(), 'node-of-the-product')
  await copyFile(process.execPath, node)
  const { executablePath } = chromiumLaunch()
  const folder = dirname(executablePath)
  // Chromium needs what lies beside it. Where that is not all of one folder, it stays where it is.
  if (!existsSync(join(folder, 'icudtl.dat'))) return { node }
  const copied = join(tmpdir(), 'chromium-of-the-product')
  await cp(folder, copied, { recursive: true })
  return { node, chromium: join(copied, basename(executablePath)) }
}

async function memoryMb(...workers: Program[]): Promise<number> {
  const each = await Promise.all(workers.map(({ pid }) => processTreeMemoryMb(pid)))
  return each.reduce<number>((sum, mb) => sum + (mb ?? Number.NaN), 0)
}
