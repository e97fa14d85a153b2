import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, Page } from 'puppeteer'
import { isWhatsAppHost } from './browser/host-rules.ts'
import { ClientFailed, WhatsAppUnreachable } from './client-errors.ts'
import { KIT_ABSENT } from './page/page-kit.ts'

const ADDRESS = 'https://web.whatsapp.com/'
const REFERER = 'https://whatsapp.com/'
const POLL_MS = 50
const NAVIGATE_AGAIN_MS = 500

/** The page that Chromium opens by itself, with a user agent that does not say "Headless". */
export async function firstPage(browser: Browser): Promise<Page> {
  const [page = await browser.newPage()] = await browser.pages()
  const agent = await browser.userAgent()
  if (!agent.includes('Headless')) return page
  // Of a session of its own, as puppeteer's way needs the network domain, which is switched off.
  const session = await page.createCDPSession()
  await session.send('Emulation.setUserAgentOverride', { userAgent: agent.replace('Headless', '') })
  return page
}

/**
 * Loads WhatsApp Web, until its modules are there. Where a script of it was lost on the way and it has not started after a fifth
 * of the time, it is loaded once more.
 * @throws WhatsAppUnreachable where it does not come in time, or not whole, or with an error; ClientFailed where all of it came and
 * nothing starts; what puppeteer threw where the page went away
 */
export async function loadWhatsApp(page: Page, timeoutMs: number): Promise<void> {
  const limit = Date.now() + timeoutMs
  const lost = await followLostParts(page)
  try {
    await navigate(page, limit)
    if (await starts(page, Math.min(limit, Date.now() + timeoutMs / 5))) return
    if (lost.parts.length > 0) {
      lost.parts.length = 0
      await navigate(page, limit)
    }
    if (!(await starts(page, limit))) throw await notStarted(page, lost.parts.at(-1))
  } catch (error) {
    // Says nothing about WhatsApp: the browser or the page died.
    if (isPageGone(error) || error instanceof ClientFailed) throw error
    const detail = error instanceof Error ? error.message : error
    throw new WhatsAppUnreachable(`WhatsApp Web did not load: ${detail}`, { cause: error })
  } finally {
    await lost.stop()
  }
}

/** Which scripts of a page got lost on the way, in Chromium's words, such as `Failed to load resource: net::ERR_NETWORK_CHANGED`. */
async function followLostParts(page: Page): Promise<{ parts: string[]; stop(): Promise<void> }> {
  const parts: string[] = []
  // The log tells it without the network domain, which is switched off.
  const session = await page.createCDPSession()
  session.on('Log.entryAdded', ({ entry: { source, text, url } }) => {
    if (source === 'network' && isNetworkError(text) && isScriptOfWhatsApp(url)) parts.push(text)
  })
  await session.send('Log.enable')
  // Where the page is gone, so is its session.
  return { parts, stop: () => session.detach().catch(() => {}) }
}

/** What Chromium itself refuses to load, as by a rule of the page, was not lost. */
function isNetworkError(text: string): boolean {
  return /net::ERR_(?!BLOCKED|FAILED)/.test(text)
}

/** Without a picture a page starts, and without what it counts with; other hosts the browser does not reach, by our own rules. */
function isScriptOfWhatsApp(url = ''): boolean {
  const { hostname = '', pathname = '' } = URL.parse(url) ?? {}
  return isWhatsAppHost(hostname) && pathname.endsWith('.js')
}

/** Chromium drops what it loads when an interface comes up, as in a container that has just started. Then it is tried again. */
async function navigate(page: Page, limit: number): Promise<void> {
  for (;;) {
    try {
      await page.goto(ADDRESS, { waitUntil: 'load', timeout: leftUntil(limit), referer: REFERER })
      return
    } catch (error) {
      const isDropped = error instanceof Error && error.message.includes('ERR_NETWORK_CHANGED')
      if (!isDropped || Date.now() + NAVIGATE_AGAIN_MS > limit) throw error
      await pause(NAVIGATE_AGAIN_MS)
    }
  }
}

/** @returns false where it has not started by then */
async function starts(page: Page, limit: number): Promise<boolean> {
  try {
    await page.waitForFunction(saysWhatsApp, { timeout: leftUntil(limit), polling: POLL_MS })
    return true
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') return false
    throw error
  }
}

/** For puppeteer, to which 0 is no limit at all. */
function leftUntil(limit: number): number {
  return Math.max(1, limit - Date.now())
}

async function notStarted(page: Page, lostPart: string | undefined): Promise<Error> {
  if (lostPart !== undefined) return new Error(`a part of it did not come: ${lostPart}`)
  const detail = `WhatsApp Web answers, but does not start in this browser: ${await page.browser().version()}`
  return new ClientFailed({ kind: 'page_unsupported', detail })
}

/** Runs in the page. @throws at once where the server answered with an error */
function saysWhatsApp(): boolean {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  if (navigation && navigation.responseStatus >= 400)
    throw new Error(`the server answered ${navigation.responseStatus}`)
  return (window as { Debug?: { VERSION?: string } }).Debug?.VERSION !== undefined
}

/**
 * Whether a call failed because Chromium, the page or its document ended while it was under way: in the words of puppeteer, and
 * of Chromium itself (`inspector/v8-runtime-agent-impl.cc`, `inspector/injected-script.cc`). `KIT_ABSENT` is our own word for it.
 */
export function isPageGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.message.includes(KIT_ABSENT) ||
      /Target closed|Session closed|Connection closed|context was destroyed|detached|navigated or closed|Cannot find (default execution )?context|Promise was collected/i.test(
        error.message,
      ))
  )
}
