import { request as ask, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import puppeteer from 'puppeteer'
import { expect, it } from 'vitest'
import { chromium, openPage } from '../support/chromium.ts'
import { GatewayProcess } from '../support/gateway-process.ts'
import { startRedis } from '../support/redis.ts'
import { watchPage } from '../support/watch-page.ts'

const TOKEN = 'token-of-the-tests'
const FOLDER = '/whatsapp'

it('the page of the API takes a token and tries a request, below a path of a proxy, under its policy, and asks nobody else', async ({
  onTestFinished,
}) => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const gateway = await GatewayProcess.start({ REDIS_URL: redis.url, API_TOKEN: TOKEN })
  onTestFinished(() => gateway.end('SIGTERM'))
  /** Takes its path away, as a proxy does. */
  const proxy = createServer(({ url = '', method, headers }, response) => {
    const to = `${gateway.address}${url.slice(FOLDER.length)}`
    ask(to, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    }).end()
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void proxy.close())
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${FOLDER}`
  const browser = await puppeteer.launch(chromium())
  onTestFinished(() => browser.close())
  const page = await openPage(browser)
  const { requests, refused } = watchPage(page)

  await page.goto(`${address}/docs/`)
  expect(page.url()).toBe(`${address}/docs`)
  await page.locator('::-p-aria(Token)').fill('not-the-token')
  await page.locator('::-p-aria(Show)').click()
  await page.waitForSelector('[role=alert]::-p-text(Missing or wrong token)')
  expect(refused.splice(0)).toEqual([expect.stringContaining('401')])
  await page.locator('::-p-aria(Token)').fill(TOKEN)
  await page.locator('::-p-aria(Show)').click()

  const operation = '[id^=operations-service][id$=health]'
  await page.locator('#operations-tag-service').click()
  await page.locator(`${operation} button.opblock-summary-control`).click()
  await page.locator(`${operation} .try-out__btn`).click()
  await page.locator(`${operation} .execute`).click()
  await page.waitForSelector(`${operation} .live-responses-table .response-col_status::-p-text(200)`)
  expect(requests).toContain(`${address}/health`)
  const ours = (url: string) => url.startsWith(`${address}/`) || url.startsWith('data:image/')
  expect(requests.filter((url) => !ours(url) || url.includes(TOKEN))).toEqual([])
  expect(refused).toEqual([])
})
