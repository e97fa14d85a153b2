import { existsSync } from 'node:fs'
import type { Browser, Page } from 'puppeteer'

/** Puppeteer's own 30 s are what a step of a second takes on a machine that is busy. */
const STEP_MS = 120_000

const CANDIDATES = [
  // The binary itself: Debian's script of that name does not exec it, so that a kill would hit only the script.
  '/usr/lib/chromium/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
]

/** Puppeteer's launch options for a browser of this machine. Throws when there is none. */
export function chromium(extraArgs: string[] = []): {
  executablePath: string
  args: string[]
  pipe: true
  headless: true
} {
  const wanted = process.env.PUPPETEER_EXECUTABLE_PATH
  const executablePath = wanted ?? CANDIDATES.find((path) => existsSync(path))
  if (executablePath === undefined) {
    throw new Error(
      `no Chromium: install one, or name it in PUPPETEER_EXECUTABLE_PATH; looked for ${CANDIDATES.join(', ')}`,
    )
  }
  return {
    executablePath,
    pipe: true,
    headless: true,
    args: [
      // Chromium refuses its sandbox to root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      ...extraArgs,
    ],
  }
}

/** A page on which each step is given long enough for a busy machine. */
export async function openPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage()
  page.setDefaultTimeout(STEP_MS)
  return page
}
