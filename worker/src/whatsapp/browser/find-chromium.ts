import { accessSync, constants, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { BrowserMissing } from '../client-errors.ts'

/**
 * In order of liking: the headless shell takes half the memory. Debian's `/usr/bin/chromium-headless-shell` is a
 * script that does not `exec`, so that a kill hits the script and not the browser: the binary is taken instead.
 */
const KNOWN_PLACES = [
  '/usr/lib/chromium/chromium-headless-shell',
  '/usr/lib/chromium/chromium',
  '/usr/lib/chromium-browser/chromium-browser',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/opt/google/chrome/chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
]

/** Debian's start scripts, and the binaries that they start as a child. */
const BEHIND_SCRIPT: Readonly<Record<string, string>> = {
  '/usr/bin/chromium-headless-shell': '/usr/lib/chromium/chromium-headless-shell',
}

export interface FoundChromium {
  path: string
  headlessShell: boolean
}

/**
 * @param executablePath PUPPETEER_EXECUTABLE_PATH: nothing else is tried
 * @param downloaded where puppeteer would have put browsers of its own, the one that is liked best first
 * @throws BrowserMissing where there is none, or the named one cannot be run
 */
export function findChromium(
  executablePath?: string,
  { downloaded = downloadedByPuppeteer, isExecutable = isExecutableFile } = {},
): FoundChromium {
  if (executablePath) {
    const path = BEHIND_SCRIPT[executablePath] ?? executablePath
    if (!isExecutable(path))
      throw new BrowserMissing(`PUPPETEER_EXECUTABLE_PATH cannot be run: ${executablePath}`)
    return described(path)
  }
  const found =
    KNOWN_PLACES.find((path) => isExecutable(path)) ?? downloaded().find((path) => isExecutable(path))
  if (found) return described(found)
  throw new BrowserMissing('No Chromium was found. Install one or set PUPPETEER_EXECUTABLE_PATH.')
}

function described(path: string): FoundChromium {
  return { path, headlessShell: /headless[-_]shell/.test(basename(path)) }
}

function isExecutableFile(path: string): boolean {
  try {
    accessSync(realpathSync(path), constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Loads puppeteer, which is asked last and only where nothing else was found. */
function downloadedByPuppeteer(): string[] {
  const puppeteer = createRequire(import.meta.url)('puppeteer') as typeof import('puppeteer')
  return [puppeteer.executablePath({ headless: 'shell' }), puppeteer.executablePath()]
}
