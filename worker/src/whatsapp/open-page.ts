import type { Browser, Page } from 'puppeteer'
import { ClientFailed, WhatsAppUnreachable } from './client-errors.ts'
import { KIT_ABSENT } from './page/page-kit.ts'

const ADDRESS = 'https://web.whatsapp.com/'
const REFERER = 'https://whatsapp.com/'
const POLL_MS = 50

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
 * Loads WhatsApp Web, until its modules are there.
 * @throws WhatsAppUnreachable where the address does not answer in time, or with an error; ClientFailed where it answers and
 * nothing starts in what it gave; what puppeteer threw where the page went away
 */
export async function loadWhatsApp(page: Page, timeoutMs: number): Promise<void> {
  const limit = Date.now() + timeoutMs
  let isLoaded = false
  try {
    await navigate(page, timeoutMs)
    isLoaded = true
    await page.waitForFunction(saysWhatsApp, { timeout: Math.max(1, limit - Date.now()), polling: POLL_MS })
  } catch (error) {
    // Says nothing about WhatsApp: the browser or the page died.
    if (isPageGone(error)) throw error
    if (isLoaded && error instanceof Error && error.name === 'TimeoutError') {
      const detail = `WhatsApp Web answers, but does not start in this browser: ${await page.browser().version()}`
      throw new ClientFailed({ kind: 'page_unsupported', detail })
    }
    throw new WhatsAppUnreachable(
      `WhatsApp Web did not load: ${error instanceof Error ? error.message : error}`,
      {
        cause: error,
      },
    )
  }
}

async function navigate(page: Page, timeout: number): Promise<void> {
  const go = () => page.goto(ADDRESS, { waitUntil: 'load', timeout, referer: REFERER })
  // Chromium drops what it loads when an interface comes up, as in a container that has just started.
  await go().catch((error: Error) =>
    error.message.includes('ERR_NETWORK_CHANGED') ? go() : Promise.reject(error),
  )
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
