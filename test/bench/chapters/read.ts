import { setTimeout as pause } from 'node:timers/promises'
import { RECYCLE_NOW_SHARE } from '@wsg/shared/sessions/memory-shares.ts'
import { processTreeMemoryMb } from '@wsg/worker/src/memory/process-memory.ts'
import { alternate, median, spread } from '../figures.ts'
import type { BenchSetting, ChapterResult, Finding } from '../finding.ts'
import { Ground } from '../ground.ts'
import type { HttpCaller } from '../http-caller.ts'
import { customers, phone } from '../phones.ts'
import { type RawRead, RawSession } from '../raw-session.ts'

const SESSION = 'read'
const HISTORY = { chats: 5_000, contacts: 20_000, messages: 10_000 }
const MEMBERS = 1_000
/** The one with the messages, as the simulator makes it up: one a minute. */
const CHAT = '15550000000'
const FAR_BACK = 5_000
const SECOND_MS = 1_000
const READERS = 20
/** Of a worker's 512 MB: above it a browser is replaced. */
const RECYCLED_FROM_MB = 512 * RECYCLE_NOW_SHARE

interface Reading {
  what: string
  /** Without the session. */
  path(): Promise<string>
  raw: RawRead
  /** Over the library; absent where that answers from memory what we ask the server for: then it is a second at most. */
  budget?: { atMost: number }
}

/** What is read of a large account, over HTTP page by page, and from the stock library, which has no pages. */
export async function read({ quick, note }: BenchSetting): Promise<ChapterResult> {
  const rounds = quick ? 3 : 7
  await using ground = await Ground.start()
  const [ourPhone, rawPhone] = [phone(1), phone(2)]
  const history = { history: HISTORY }
  await ground.simulator.set({ accounts: { [ourPhone]: history, [rawPhone]: history } })
  const worker = await ground.startSession(SESSION, ourPhone)
  await using raw = await RawSession.paired(ground.simulator, rawPhone)
  const members = Array.from({ length: MEMBERS - 2 }, (_, n) => `1555${String(n).padStart(7, '0')}`)
  // Nothing is measured of what comes back from a thousand phones.
  await ground.simulator.set({ away: members })
  const made = { owner: ourPhone, subject: 'Large', members: [rawPhone, ...members] }
  const { group } = (await ground.simulator.post('/groups', made)) as { group: { id: string } }
  const caller = ground.caller()
  const findings: Finding[] = []

  const idle = (await processTreeMemoryMb(worker.pid)) ?? Number.NaN
  for (const { what, path, raw: theirRead, budget } of readings(caller, group.id)) {
    const [ourTimes, rawTimes]: [number[], number[]] = [[], []]
    const ours = async () => {
      const asked = await path()
      const since = performance.now()
      await get(caller, asked)
      ourTimes.push(performance.now() - since)
      return ourTimes.at(-1) as number
    }
    const theirs = async () => {
      rawTimes.push(await raw.read(theirRead))
      return rawTimes.at(-1) as number
    }
    note(`${what}: ${rounds} rounds`)
    const { ratios } = await alternate(rounds, ours, theirs)
    findings.push({
      what,
      ours: `${median(ourTimes).toFixed(0)} ms`,
      baseline: `${median(rawTimes).toFixed(0)} ms raw ${theirRead.call}()`,
      ...(budget
        ? { figure: median(ratios), unit: '×', budget }
        : { figure: Math.max(...ourTimes), unit: 'ms', budget: { atMost: SECOND_MS } }),
      note: `${spread(ratios)}; the first ${ourTimes[0]?.toFixed(0)} ms, at most ${Math.max(...ourTimes).toFixed(0)} ms`,
    })
    if (Math.max(...ourTimes) > SECOND_MS) note(`${what}: one took more than a second`)
  }
  const after = (await processTreeMemoryMb(worker.pid)) ?? Number.NaN
  findings.push({
    what: 'worker and Chromium after all that (PSS)',
    ours: `${after} MB`,
    baseline: `${idle} MB before`,
    figure: after,
    unit: 'MB',
    budget: { atMost: RECYCLED_FROM_MB },
  })

  note(`sends while ${READERS} clients read as fast as they can`)
  findings.push(...(await sendWhileRead(ground, { rounds, sends: quick ? 20 : 60 })))
  return { findings }
}

function readings(caller: HttpCaller, group: string): Reading[] {
  const messages = `/chats/${CHAT}/messages?limit=50`
  const account = `of ${HISTORY.chats} chats and ${HISTORY.contacts} contacts`
  let cursor: string | null = null
  return [
    {
      ...{ what: `GET /chats?limit=20, ${account}`, path: async () => '/chats?limit=20' },
      ...{ raw: { call: 'getChats' }, budget: { atMost: 0.2 } },
    },
    {
      ...{ what: `GET /contacts?limit=20, ${account}`, path: async () => '/contacts?limit=20' },
      ...{ raw: { call: 'getContacts' }, budget: { atMost: 0.2 } },
    },
    {
      ...{ what: `GET /groups/:id, of ${MEMBERS} members`, path: async () => `/groups/${group}` },
      ...{ raw: { call: 'getChatById', chatId: group } },
    },
    {
      what: `GET /groups/:id/participants?limit=20, of ${MEMBERS} members`,
      path: async () => `/groups/${group}/participants?limit=20`,
      raw: { call: 'getChatById', chatId: group },
    },
    {
      what: `the messages of a chat with ${HISTORY.messages}, 50 from ${FAR_BACK} back on`,
      path: async () => `${messages}&before=${new Date(Date.now() - FAR_BACK * 60_000).toISOString()}`,
      raw: { call: 'fetchMessages', chatId: `${CHAT}@c.us`, limit: FAR_BACK },
      budget: { atMost: 0.2 },
    },
    {
      what: 'the next 50 by their cursor, from the newest on',
      path: async () => {
        const page: string = await get(caller, cursor === null ? messages : `${messages}&cursor=${cursor}`)
        cursor = (JSON.parse(page) as { nextCursor: string }).nextCursor
        return `${messages}&cursor=${cursor}`
      },
      raw: { call: 'fetchMessages', chatId: `${CHAT}@c.us`, limit: 100 },
    },
  ]
}

/** How long sends take while others read, over how long they take by themselves. */
async function sendWhileRead(
  ground: Ground,
  { rounds, sends }: { rounds: number; sends: number },
): Promise<Finding[]> {
  const [to = ''] = customers(1)
  const sender = ground.caller()
  const medianSend = async () => {
    const times: number[] = []
    for (let n = 0; n < sends; n++) {
      const since = performance.now()
      // One that had to wait for too long is 202 by then, and counts with that time.
      await sender.post('/send', SESSION, { to, message: 'a message of the benchmark' })
      times.push(performance.now() - since)
    }
    return median(times)
  }
  const findings: Finding[] = []
  await medianSend()
  for (const path of ['/chats?limit=20', '/contacts?limit=500']) {
    const answers: Record<number, number> = {}
    let readMs = 0
    const whileRead = async () => {
      const reader = ground.caller(READERS)
      let isOver = false
      const since = performance.now()
      const readers = Array.from({ length: READERS }, async () => {
        while (!isOver) {
          const { status } = await reader.get(path, SESSION)
          answers[status] = (answers[status] ?? 0) + 1
        }
      })
      await pause(SECOND_MS)
      const ms = await medianSend().finally(async () => {
        isOver = true
        await Promise.all(readers)
      })
      readMs += performance.now() - since
      reader.close()
      return ms
    }
    const { ours, theirs, ratios } = await alternate(rounds, whileRead, medianSend)
    const told = Object.entries(answers).map(
      ([status, count]) => `${status}: ${((count * 1_000) / readMs).toFixed(0)}/s`,
    )
    findings.push({
      what: `a send while ${READERS} clients ask for ${path} as fast as they can: median`,
      ours: `${median(ours).toFixed(0)} ms`,
      baseline: `${median(theirs).toFixed(0)} ms by itself`,
      figure: median(ratios),
      unit: '×',
      budget: { atMost: 4 },
      note: `${spread(ratios)}; reads ${told.join(', ')}`,
    })
  }
  return findings
}

async function get(caller: HttpCaller, path: string): Promise<string> {
  const { status, body } = await caller.get(path, SESSION)
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${body}`)
  return body
}
