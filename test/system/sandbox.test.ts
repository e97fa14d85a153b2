import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SelftestReport } from '@wsg/cli/src/selftest/selftest.ts'
import axe from 'axe-core'
import puppeteer, { type Page } from 'puppeteer'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ApiClient } from '../support/api-client.ts'
import { chromium, openPage } from '../support/chromium.ts'
import { descendants, isAlive, listProcesses, type ProcessEntry } from '../support/processes.ts'
import { probe, sampleFile } from '../support/sample-files.ts'
import { type Supervisor, startSupervisor } from '../support/supervisor.ts'
import { waitFor } from '../support/wait-for.ts'
import { watchPage } from '../support/watch-page.ts'

interface Voice {
  waveform?: Record<string, number>
}

let dataDir: string
let supervisor: Supervisor
let api: ApiClient
let phonePage: string

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sandbox-'))
  await chmod(dataDir, 0o711) // root's browsers run as nobody
  const env = { DATA_DIR: dataDir, PORT: '0', RESEND_AFTER_CRASH: 'same-id' }
  supervisor = await startSupervisor(['--sandbox'], env)
  const address = await supervisor.printed(/^Address: (\S+)$/m)
  api = new ApiClient(address, await supervisor.printed(/^Token: (\S+)$/m))
  phonePage = await supervisor.printed(/^Phone page: (\S+?)\/?$/m)
})

afterAll(async () => {
  const below = descendants(listProcesses(), [supervisor.pid])
  expect(await supervisor.interrupt()).toBe(0)
  expect(below.filter(({ pid }) => isAlive(pid))).toEqual([])
  await rm(dataDir, { recursive: true, force: true })
})

it('npm run sandbox prints an address, a token and a phone page that together send a message', async () => {
  expect(supervisor.output).toContain('curl')
  expect(supervisor.output).not.toContain('Warning')
  expect((await fetch(phonePage)).headers.get('content-type')).toContain('text/html')

  const { body } = await waitFor('a code', async () => {
    const answer = await api.get('/qr', 'my-session')
    return typeof answer.body.code === 'string' && answer
  })
  const scanned = await fetch(`${phonePage}/scan`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ qr: body.code, phone: '5511911111111' }),
  })
  expect(scanned.status).toBe(200)
  await api.until('my-session', 'ready')
  const environments = descendants(listProcesses(), [supervisor.pid])
    .filter(({ command }) => !command.some((word) => word.endsWith('gateway/src/main.ts')))
    .map(environmentOf)
  expect(environments.length).toBeGreaterThan(3)
  expect(environments.filter((environment) => environment.includes('API_TOKEN'))).toEqual([])
  expect((await api.send('my-session', '5511999887766', 'Hello from the sandbox')).status).toBe(200)
})

it('makes a voice message of any sound, which arrives with its length and waveform', async () => {
  const media = { data: sampleFile('tone.mp3').toString('base64') }
  const sent = await api.send('my-session', '5511999887766', { type: 'voice', media })
  expect([sent.status, sent.body.error]).toEqual([200, undefined])
  const found = await fetch(`${phonePage}/messages?id=${sent.body.id}`)
  const { messages } = (await found.json()) as { messages: { type: string; extras: Voice }[] }
  const [arrived] = messages
  expect(arrived).toMatchObject({ type: 'ptt', extras: { mimetype: 'audio/ogg; codecs=opus', duration: 3 } })
  const waveform = Object.values(arrived?.extras.waveform ?? {})
  expect([waveform.length, Math.max(...waveform)]).toEqual([64, 100])
  const bytes = await (await fetch(`${phonePage}/messages/${sent.body.id}/media`)).arrayBuffer()
  expect(probe(Buffer.from(bytes)).streams).toMatchObject([{ codec_name: 'opus', channels: 1 }])
})

it('the dashboard leads from the token to a message that arrives, keeps the token in its tab, asks nobody else and hinders nobody', async () => {
  const browser = await puppeteer.launch(chromium())
  try {
    const page = await openPage(browser)
    const { requests, refused } = watchPage(page)

    await page.goto(`${api.address}/#/sessions/shop`)
    await page.locator('::-p-aria(Token)').fill('not-the-token')
    await page.locator('::-p-aria(Sign in)').click()
    await page.waitForSelector('[role=alert]::-p-text(401 unauthorized)')
    expect(refused.splice(0)).toEqual([expect.stringContaining('401')])
    expect(await faultsOf(page)).toEqual([])
    await page.locator('::-p-aria(Token)').fill(api.token)
    await page.locator('::-p-aria(Sign in)').click()

    // The address that was asked for is still there: of a session that does not exist yet.
    await page.waitForSelector('.badge::-p-text(not_found)')
    await page.locator('nav a::-p-text(Sessions)').click()
    await page.waitForSelector('th::-p-text(my-session)')
    expect(await faultsOf(page)).toEqual([])
    await page.locator('a::-p-text(New session)').click()
    await page.locator('::-p-aria(Name of the session)').fill('shop')
    await page.locator('button::-p-text(Create)').click()
    await page.waitForSelector('img[alt^="QR code"]')
    expect(new URL(page.url()).hash).toBe('#/sessions/shop')
    expect(await faultsOf(page)).toEqual([])
    await page.locator('button::-p-text(Scan with the simulated phone)').click()

    await page.locator('::-p-aria(To)').fill('5511999887766')
    await page.locator('::-p-aria(Message)').fill('Hello from the dashboard')
    await page.locator('form button::-p-text(Send)').click()
    await page.waitForSelector('.steps::-p-text(delivered)')
    await page.waitForSelector('[aria-labelledby=send] .badge::-p-text(read)')
    await page.waitForSelector('.events::-p-text(message.ack)')
    expect(await faultsOf(page)).toEqual([])
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }])
    expect(await faultsOf(page)).toEqual([])
    await page.setViewport({ width: 360, height: 844 })
    expect(await cutOffIn(page)).toEqual([])
    const tops = await page.$$eval('header nav a', (links) => links.map(({ offsetTop }) => offsetTop))
    expect([tops.length, new Set(tops).size]).toEqual([6, 1])
    await page.setViewport({ width: 800, height: 600 })

    await page.select('#kind', 'poll')
    await page.locator('::-p-aria(Question)').fill('When shall we come?')
    await page.locator('::-p-aria(Options)').fill('Morning\nEvening')
    expect(await page.$eval('pre[aria-label="curl line"]', ({ textContent }) => textContent)).toContain(
      '"type":"poll","question":"When shall we come?","options":["Morning","Evening"]',
    )
    await page.locator('form button::-p-text(Send)').click()
    await page.waitForFunction(() => document.querySelectorAll('.messages tbody tr').length === 2)

    await page.locator('button::-p-text(Let it write)').click()
    await page.waitForSelector('.events::-p-text(Is this still available?)')

    const { phone } = (await api.get('/status', 'shop')).body
    const phoneTab = await openPage(browser)
    await phoneTab.goto(`${phonePage}/#/${phone}/5511900000001`)
    await phoneTab.waitForSelector('#messages ::-p-text(Is this still available?)')
    expect(await faultsOf(phoneTab)).toEqual([])
    await phoneTab.select('#by', '5511900000001')
    await phoneTab.locator('button::-p-text(Calls)').click()
    await phoneTab.close()
    await page.waitForSelector('.events::-p-text(call.received)')
    await page.locator('button::-p-text(Show its screen)').click()
    await page.waitForSelector('img.screen')

    await page.locator('.messages a.id').click()
    await page.locator('button::-p-text(Who has got it)').click()
    await page.waitForSelector('section[aria-labelledby=message] td[data-label=Read] time')
    expect(await faultsOf(page)).toEqual([])

    for (const [view, shown] of [
      ['messages', '.steps'],
      ['events', '.events li'],
      ['queue', '#pacing-perMinute'],
      ['proxy', '#proxy-address'],
      ['webhooks', '#webhook-form'],
    ] as const) {
      await page.locator(`.tabs a[href$="/${view}"]`).click()
      await page.waitForSelector(shown)
      expect([view, await faultsOf(page)]).toEqual([view, []])
    }
    await page.locator('.tabs a[href$="/chats"]').click()
    await page.locator('.chats li a::-p-text(+5511900000001)').click()
    await page.waitForSelector('.conversation ::-p-text(Is this still available?)')
    await page.locator('::-p-aria(Answer)').fill('It is!')
    await page.locator('form button::-p-text(Send)').click()
    await page.waitForSelector('.conversation .mine::-p-text(read)')
    expect(await faultsOf(page)).toEqual([])
    await page.locator('.tabs a[href$="/webhooks"]').click()
    await page.locator('::-p-aria(Name[role="textbox"])').fill('crm')
    await page.locator('::-p-aria(Address)').fill(`${api.address}/livez`)
    await page.locator('button::-p-text(Save)').click()
    await page.waitForSelector('code::-p-text(whsec_)')
    await page.locator('.tabs a[href$="/queue"]').click()
    await page.locator('button::-p-text(Pause)').click()
    await page.waitForSelector('button::-p-text(Resume)')
    expect((await api.get('/queue', 'shop')).body.paused).toBe(true)
    await page.locator('button::-p-text(Resume)').click()
    await page.waitForSelector('button::-p-text(Pause)')
    await page.locator('nav a::-p-text(Fleet)').click()
    await page.waitForSelector('section[aria-labelledby=workers] a[href$="/shop"]')
    expect(await faultsOf(page)).toEqual([])

    // A token for somebody who may only look is shown once, and its holder is shown no button that would be refused.
    await page.locator('nav a::-p-text(Tokens)').click()
    await page.locator('::-p-aria(Name[role="textbox"])').fill('screen')
    await page.select('#token-role', 'viewer')
    await page.locator('button::-p-text(Issue)').click()
    const viewer = await page
      .waitForSelector('code.secret')
      .then((code) => code?.evaluate((it) => it.textContent))
    await page.waitForSelector('tbody th::-p-text(screen)')
    expect(await faultsOf(page)).toEqual([])
    await page.locator('nav a::-p-text(Audit)').click()
    await page.waitForSelector('tbody code::-p-text(POST /tokens)')
    expect(await faultsOf(page)).toEqual([])
    await page.locator('::-p-aria(Session)').fill('shop')
    await page.waitForFunction(() => !document.querySelector('tbody')?.textContent?.includes('/tokens'))
    await page.waitForSelector('tbody code::-p-text(POST /queue/resume)')
    const looking = await openPage(browser)
    await looking.goto(`${api.address}/#/sessions/shop`)
    await looking.locator('::-p-aria(Token)').fill(String(viewer))
    await looking.locator('::-p-aria(Sign in)').click()
    await looking.waitForSelector('.steps::-p-text(delivered)')
    const words = (all: Element[]) => all.map(({ textContent }) => textContent?.trim())
    expect(await looking.$$eval('main button', words)).toEqual(['Pause'])
    expect(await looking.$$eval('header nav a', words)).toEqual(['Sessions', 'Events', 'Fleet'])
    await looking.locator('header a::-p-text(API)').click()
    await looking.waitForSelector('#operations-tag-service')
    await looking.close()

    // Logged out it holds no login and keeps the rest. Its proxy is shown without the password.
    await page.goto(`${api.address}/#/sessions/shop`)
    await page.locator('button::-p-text(Log out)').click()
    // By keyboard: asked, not sure, and then sure.
    const isFocused = (words: string) =>
      page.waitForFunction((text) => document.activeElement?.textContent === text, {}, words)
    await isFocused('No')
    await page.keyboard.press('Escape')
    await isFocused('Log out')
    await page.keyboard.press('Enter')
    await isFocused('No')
    await page.locator('button::-p-text(Yes, log out)').click()
    await page.waitForSelector('[role=status]::-p-text(unlinked)')
    expect(await cutOffIn(page)).toEqual([])
    await page.locator('.tabs a[href$="/proxy"]').click()
    await page.locator('::-p-aria(Address)').fill('http://proxy.example:8080')
    await page.locator('::-p-aria(User name (optional))').fill('me')
    await page.locator('::-p-aria(Password (optional))').fill('p@ss')
    await page.locator('button::-p-text(Set for this session)').click()
    await page.waitForSelector('code::-p-text(http://me:***@proxy.example:8080)')

    // A session that is made elsewhere appears in the list by itself.
    await page.locator('nav a::-p-text(Sessions)').click()
    await page.waitForSelector('th::-p-text(shop)')
    // In the sandbox a simulated phone scans what the terminal shows.
    const pairing = wsg('pair', 'made-elsewhere')
    await page.waitForSelector('th::-p-text(made-elsewhere)')
    expect(await pairing).toMatchObject({ code: 0, stdout: expect.stringContaining('connected') })
    await page.locator('nav a::-p-text(Events)').click()
    await page.waitForFunction(() => document.body.textContent?.includes('Events come as they happen'))
    await api.post('/session/stop', 'made-elsewhere')
    await page.waitForSelector('.events::-p-text(made-elsewhere)')

    const ours = (url: string) => url.startsWith(`${api.address}/`) || url.startsWith('data:image/')
    expect(requests.filter((url) => !ours(url) || url.includes(api.token))).toEqual([])
    expect(refused).toEqual([])
    expect(await page.evaluate(() => [document.cookie, localStorage.length])).toEqual(['', 0])

    // Another tab has no token. A proxy may have the gateway below any path.
    const proxy = await proxyBelow('/whatsapp/', api.address)
    const other = await openPage(browser)
    const asked: string[] = []
    other.on('request', (request) => void asked.push(request.url()))
    await other.goto(`${proxy.url}#/sessions/shop`)
    await other.locator('::-p-aria(Token)').fill(api.token)
    await other.locator('::-p-aria(Sign in)').click()
    await other.waitForSelector('.steps::-p-text(delivered)')
    await other.waitForSelector('[role=status]::-p-text(Events come as they happen)')
    expect(asked.filter((url) => !url.startsWith(proxy.url))).toEqual([])
    await other.close()
    await proxy.close()
  } finally {
    await browser.close()
  }
})

it('wsg selftest finds the sandbox by itself, walks pairing to a resend under the same id with two simulated phones, and says which beliefs held', async () => {
  // As long as WhatsApp takes to answer, so that a browser can die meanwhile.
  await fetch(`${phonePage}/settings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ serverAckDelayMs: 1_000 }),
  })
  const { code, stdout, stderr } = await wsg('selftest', '--json')
  expect([code, stderr]).toEqual([0, ''])
  const { ok, page, steps, beliefs } = JSON.parse(stdout) as SelftestReport
  expect([ok, page]).toEqual([true, expect.stringMatching(/^2\.3000/)])
  expect(steps.map(({ name, state }) => [name, state])).toEqual(
    [
      ...['pairing', 'text', 'acks', 'media', 'receiving', 'same message twice', 'crash and recovery'],
      ...['pairing code', 'same-id resend'],
    ].map((name) => [name, 'ok']),
  )
  const toldOf = (step: string) => steps.find(({ name }) => name === step)?.told
  expect(toldOf('crash and recovery')).toMatch(/^its browser was killed, and it came back without a QR code/)
  expect(toldOf('same-id resend')).toMatch(/sent again under its id, and came to the second number once$/)
  const documented = readFileSync(join(import.meta.dirname, '../../docs/page.md'), 'utf8')
  for (const { belief } of beliefs) expect(documented).toContain(`| ${belief} |`)
  expect(beliefs.map(({ held }) => held)).not.toContain(false)
  const heldOf = (sentence: string) => beliefs.find(({ belief }) => belief.startsWith(sentence))?.held
  expect(heldOf('The page sends a failed message again')).toBe(true)
  // Nobody looks at a simulated phone.
  expect(heldOf("WhatsApp's server drops")).toBeNull()
})

/** Empty for a process that has ended since. */
function environmentOf({ pid }: ProcessEntry): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return ''
  }
}

/** Takes `path` off what it hands on. */
async function proxyBelow(path: string, address: string) {
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url = '' } = incoming
    if (!url.startsWith(path)) return void outgoing.writeHead(404).end()
    const onward = request(`${address}/${url.slice(path.length)}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, close }
}

/** The command line, which finds the sandbox by its data. */
async function wsg(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const options = { cwd: join(import.meta.dirname, '../..'), env: { ...process.env, DATA_DIR: dataDir } }
  return await new Promise((resolve) =>
    execFile(process.execPath, ['wsg.ts', ...args], options, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    ),
  )
}

/** What of the page lies beyond its right edge. */
async function cutOffIn(page: Page): Promise<string[]> {
  return await page.$$eval('body :not(.visually-hidden, .skip)', (all) =>
    all
      .filter((one) => one.getBoundingClientRect().right > window.innerWidth)
      .map(({ outerHTML }) => outerHTML.slice(0, 100)),
  )
}

/** What an accessibility checker calls serious or worse of what is shown now. */
async function faultsOf(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  return await page.evaluate(async () => {
    const options = { resultTypes: ['violations' as const], preload: false }
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, options)
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`))
  })
}
