import { alternate, median, spread } from '../figures.ts'
import type { BenchSetting, ChapterResult } from '../finding.ts'
import { Ground } from '../ground.ts'
import { phone } from '../phones.ts'
import { RawSession } from '../raw-session.ts'

const SESSION = 'read'
const HISTORY = { chats: 5_000, contacts: 20_000 }
const lists = [
  { path: '/chats?limit=20', call: 'getChats', budget: { atMost: 0.2 } },
  { path: '/contacts?limit=20', call: 'getContacts', budget: { atMost: 0.2 } },
] as const

/** The first page of what a large account has, over HTTP, and all of it from the stock library, which has no pages. */
export async function read({ quick, note }: BenchSetting): Promise<ChapterResult> {
  const rounds = quick ? 3 : 7
  await using ground = await Ground.start()
  const [ourPhone, rawPhone] = [phone(1), phone(2)]
  const history = { history: HISTORY }
  await ground.simulator.set({ accounts: { [ourPhone]: history, [rawPhone]: history } })
  await ground.startSession(SESSION, ourPhone)
  await using raw = await RawSession.paired(ground.simulator, rawPhone)
  const caller = ground.caller()
  const findings: ChapterResult['findings'] = []
  for (const { path, call, budget } of lists) {
    const [ourTimes, rawTimes]: [number[], number[]] = [[], []]
    const ours = async () => {
      const since = performance.now()
      const { status, body } = await caller.get(path, SESSION)
      const ms = performance.now() - since
      if (status !== 200) throw new Error(`GET ${path}: ${status} ${body}`)
      ourTimes.push(ms)
      return ms
    }
    const theirs = async () => {
      const ms = await raw.list(call)
      rawTimes.push(ms)
      return ms
    }
    note(`${path}: ${rounds} rounds`)
    const { ratios } = await alternate(rounds, ours, theirs)
    findings.push({
      what: `GET ${path}, of ${HISTORY.chats} chats and ${HISTORY.contacts} contacts`,
      ours: `${median(ourTimes).toFixed(0)} ms`,
      baseline: `${median(rawTimes).toFixed(0)} ms raw ${call}()`,
      figure: median(ratios),
      unit: '×',
      budget,
      note: spread(ratios),
    })
  }
  return { findings }
}
