import puppeteer, { type Browser, type Page } from 'puppeteer'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { chromium, openPage } from '../support/chromium.ts'
import { patient } from './patient.ts'
import { StockSession } from './stock-session.ts'
import { type WalkGround, walkGround } from './walk-ground.ts'

const PHONE = '491701234567'
const FRIEND = '15550001111'

describe('the phone page', () => {
  let ground: WalkGround
  let browser: Browser
  let page: Page
  let session: StockSession

  beforeAll(async () => {
    ground = await walkGround()
    browser = await puppeteer.launch(chromium())
    page = await openPage(browser)
    await page.goto(ground.simulator.url)
    session = new StockSession(ground.simulator, ground.folder, { clientId: PHONE })
    await session.client.initialize()
    await vi.waitFor(() => expect(session.emitted.qr).toHaveLength(1), patient)
  })
  afterAll(async () => {
    await session[Symbol.asyncDispose]()
    await browser.close()
    await ground[Symbol.asyncDispose]()
  })

  const text = (selector: string) => page.$eval(selector, (element) => element.textContent)
  const press = async (name: string) => {
    await page.locator(`::-p-aria(${name}[role="button"])`).click()
  }

  test('links a device, shows a wrong code as such, chats, and logs the device out', async () => {
    await page.locator('#phone').fill(PHONE)
    await press('Use this phone')
    await page.locator('#qr').fill('NOTACODE')
    await press('Link device')
    await vi.waitFor(
      async () => expect(await text('[role=alert]')).toContain('no page waits for this pairing code'),
      patient,
    )

    await page.locator('#qr').fill(session.emitted.qr[0] ?? '')
    await press('Link device')
    await vi.waitFor(() => expect(session.emitted.ready).toBe(1), patient)
    await vi.waitFor(async () => expect(await text('#devices')).toContain('connected'), patient)

    expect(await page.$('#write')).toBeNull()
    await page.locator('#peer').fill(FRIEND)
    await press('Open chat')
    await page.locator('#body').fill('from the phone <b>page</b>')
    await press('Send')
    await vi.waitFor(
      () => expect(session.emitted.created.at(-1)?.body).toBe('from the phone <b>page</b>'),
      patient,
    )
    await session.client.sendMessage(`${FRIEND}@c.us`, 'from the device')
    await vi.waitFor(async () => {
      const items = await page.$$eval('#messages li', (all) =>
        all.map((item) => item.firstChild?.textContent),
      )
      expect(items).toEqual(['from the phone <b>page</b>', 'from the device'])
      expect(await text('#messages li:last-child')).toContain('✓✓ read')
    }, patient)

    // The other side edits nothing of this phone's, but reacts to it, and votes in a poll of its own.
    await page.select('#by', FRIEND)
    await page.locator('#messages li summary').click()
    await page.locator('::-p-aria(React with 👍)').click()
    await vi.waitFor(async () => expect(await text('#messages li small span')).toBe('👍'), patient)
    await page.select('#kind', 'poll')
    await page.locator('::-p-aria(Question)').fill('When?')
    await page.locator('::-p-aria(Options)').fill('Morning\nEvening')
    await press('Send')
    await press('Evening')
    await vi.waitFor(async () => expect(await text('.options li:last-child')).toBe('Evening 1'), patient)
    expect(session.emitted.message.at(-1)?.type).toBe('poll_creation')

    await press('Log out')
    await vi.waitFor(() => expect(session.emitted.disconnected).toEqual(['LOGOUT']), patient)
    await vi.waitFor(async () => expect(await text('#devices')).toBe('No device is linked yet.'), patient)
    await vi.waitFor(() => expect(session.emitted.qr).toHaveLength(2), patient)
  })
})
