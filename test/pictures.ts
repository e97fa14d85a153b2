/** Takes the pictures of `docs/pictures` in a sandbox of its own, which is removed afterwards: `npm run pictures`. */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import puppeteer, { type Page } from 'puppeteer'
import { ApiClient } from './support/api-client.ts'
import { chromium } from './support/chromium.ts'
import { startSupervisor } from './support/supervisor.ts'
import { waitFor } from './support/wait-for.ts'

const FOLDER = join(import.meta.dirname, '../docs/pictures')
const [PHONE, ANA, RUI] = ['5511911111111', '5511999887766', '351912345678']
const DESK = { width: 1_280, height: 900 }
/** All of a session: what was sent, and what came. */
const TALL = { width: 1_280, height: 1_560 }
const HAND = { width: 390, height: 844, isMobile: true, hasTouch: true }

const dataDir = await mkdtemp(join(tmpdir(), 'pictures-'))
await mkdir(FOLDER, { recursive: true })
await chmod(dataDir, 0o711) // root's browsers run as nobody
const supervisor = await startSupervisor(['--sandbox'], { DATA_DIR: dataDir, PORT: '0' })
const browser = await puppeteer.launch(chromium())
try {
  const address = await supervisor.printed(/^Address: (\S+)$/m)
  const api = new ApiClient(address, await supervisor.printed(/^Token: (\S+)$/m))
  const phonePage = await supervisor.printed(/^Phone page: (\S+?)\/?$/m)
  const simulate = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${phonePage}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return (await answer.json()) as { message: { id: string } }
  }
  const page = await browser.newPage()
  const open = async (hash: string, shown: string) => {
    await page.goto('about:blank')
    await page.goto(`${address}/${hash}`)
    await page.waitForSelector(shown)
  }

  await page.goto(address)
  await page.locator('::-p-aria(Token)').fill(api.token)
  await page.locator('::-p-aria(Sign in)').click()
  for (const session of ['support', 'sales-lisbon', 'shop']) await api.get('/qr?wait=0', session)
  await page.setViewport(DESK)
  await open('#/sessions/shop', 'img[alt^="QR code"]')
  await page.waitForSelector('.badge::-p-text(waiting_qr)')
  await take(page, 'dashboard-link-a-phone')
  for (const [session, phone] of [
    ['shop', PHONE],
    ['sales-lisbon', RUI],
  ] as const) {
    const { body } = await waitFor('a code', async () => {
      const answer = await api.get('/qr', session)
      return typeof answer.body.code === 'string' && answer
    })
    await simulate('/scan', { qr: body.code, phone, pushName: session === 'shop' ? 'Corner Shop' : 'Lisbon' })
    await api.until(session, 'ready')
  }

  await open('#/sessions/shop', '#kind')
  await page.locator('::-p-aria(To)').fill(ANA)
  await page.locator('::-p-aria(Message)').fill('Your order is ready: come by until 18:00.')
  await page.locator('form button::-p-text(Send)').click()
  await page.waitForSelector('.steps::-p-text(read)')
  const { message } = await simulate('/inbound', {
    account: PHONE,
    from: ANA,
    body: 'Thank you, on my way!',
    pushName: 'Ana',
  })
  await simulate(`/messages/${message.id}/reaction`, { by: PHONE, emoji: '👍' })
  await page.waitForSelector('.events::-p-text(message.reaction)')
  // Its memory is measured a few seconds after it began.
  await page.waitForSelector('.bar')
  await page.setViewport(TALL)
  await take(page, 'dashboard-session')
  await page.setViewport(DESK)
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }])
  await take(page, 'dashboard-session-dark')
  await open(`#/sessions/shop/chats/${ANA}@c.us`, '.conversation ::-p-text(on my way)')
  await page.waitForSelector('.chats b::-p-text(Ana)')
  await take(page, 'dashboard-chat-dark')
  await open('#/fleet', 'section[aria-labelledby=workers] .bar')
  // The graphs of what happens a minute need two readings.
  await page.waitForFunction(() => !document.querySelector('.graphs')?.textContent?.includes('…'))
  await take(page, 'dashboard-fleet-dark')
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }])

  await simulate('/inbound', {
    account: PHONE,
    from: ANA,
    poll: { question: 'Shall we keep it for you?', options: ['Yes', 'No'] },
  })
  await page.goto(`${phonePage}/#/${PHONE}/${ANA}`)
  await page.waitForSelector('.options')
  await take(page, 'phone-page')

  await page.setViewport(HAND)
  await open('#/sessions', 'tbody th::-p-text(shop)')
  await take(page, 'dashboard-on-a-phone')
} finally {
  await browser.close()
  await supervisor.interrupt()
  await rm(dataDir, { recursive: true, force: true })
}

async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0)
  await page.screenshot({ path: join(FOLDER, `${name}.webp`), type: 'webp', quality: 80 })
}
