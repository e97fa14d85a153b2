/**
 * The dashboard's list with many sessions known, `--sessions 10000`: a gateway, a Redis and a real Chromium; no session has a
 * worker. Prints how long a person waits for the rows, and exits with 1 where that is longer than a second.
 */
import { parseArgs } from 'node:util'
import { keys } from '@wsg/shared/redis/keys.ts'
import { Redis } from 'ioredis'
import puppeteer, { type Page } from 'puppeteer'
import { chromium } from '../support/chromium.ts'
import { GatewayProcess } from '../support/gateway-process.ts'
import { startRedis } from '../support/redis.ts'
import { loadNow, median, seconds } from './figures.ts'

const TOKEN = 'token-of-the-measurement'
const TIMES = 5
const BUDGET_MS = 1_000
const { values } = parseArgs({ options: { sessions: { type: 'string', default: '10000' } } })
const count = Number(values.sessions)

const server = await startRedis()
const redis = new Redis(server.url)
await seed(redis)
const gateway = await GatewayProcess.start({ REDIS_URL: server.url, API_TOKEN: TOKEN })
const browser = await puppeteer.launch(chromium())
try {
  const page = await browser.newPage()
  await page.goto(`${gateway.address}/`)
  await page.locator('::-p-aria(Token)').fill(TOKEN)
  await page.locator('::-p-aria(Sign in)').click()
  await page.waitForSelector('tbody tr')
  const last = `session-${count - 1}`
  const looks: [string, string, string][] = [
    ['the first page', '', 'tbody th::-p-text(session-0)'],
    ['the last one, by its name', `?search=${last}`, `tbody th::-p-text(${last})`],
    ['the last one, by its phone', `?search=${phoneOf(count - 1)}`, `tbody th::-p-text(${last})`],
    ['the one that has failed, at the end', '?state=failed', `tbody th::-p-text(${last})`],
    ['nobody', '?search=nobody', 'main p::-p-text(No session is like that)'],
  ]
  const medians: number[] = []
  for (const [what, query, shown] of looks) {
    const waited: number[] = []
    for (let i = 0; i < TIMES; i += 1) waited.push(await look(page, query, shown))
    medians.push(median(waited))
    console.log(`${what}: ${seconds(median(waited))} of ${count} sessions`)
  }
  console.log(`load ${loadNow()}`)
  process.exitCode = Math.max(...medians) < BUDGET_MS ? 0 : 1
} finally {
  await browser.close()
  await gateway.end('SIGTERM')
  redis.disconnect()
  await server.stop()
}

/** How long it takes from opening the address until the selector `shown` finds something (ms). */
async function look(page: Page, query: string, shown: string): Promise<number> {
  await page.goto(`${gateway.address}/#/new`)
  await page.waitForSelector('h1::-p-text(New session)')
  const since = performance.now()
  await page.goto(`${gateway.address}/#/sessions${query}`)
  await page.waitForSelector(shown)
  return performance.now() - since
}

async function seed(into: Redis): Promise<void> {
  const pipeline = into.pipeline()
  for (let n = 0; n < count; n += 1) {
    const session = `session-${n}`
    pipeline.hset(keys.session(session), {
      createdAt: '1',
      savedLogin: '1',
      phone: phoneOf(n),
      pushName: `Shop ${n}`,
      messageCount: '12',
      ...(n === count - 1 && { status: 'failed', reason: 'logged_out' }),
    })
    pipeline.zadd(keys.sessions, n, session)
  }
  await pipeline.exec()
}

function phoneOf(n: number): string {
  return `55119${String(n).padStart(8, '0')}`
}
