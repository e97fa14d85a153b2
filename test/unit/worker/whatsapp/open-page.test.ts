import { EventEmitter } from 'node:events'
import { loadWhatsApp } from '@wsg/worker/src/whatsapp/open-page.ts'
import type { Page } from 'puppeteer'
import { expect, test } from 'vitest'

const SCRIPT = 'https://static.whatsapp.net/rsrc.php/main.js'
const UNREACHABLE = { name: 'WhatsAppUnreachable' }
const UNSUPPORTED = { fault: { kind: 'page_unsupported' } }

/** A page that never starts. @param navigate what happens with its first, second, … navigation; it loads where nothing is said */
function pageThat(...navigate: ((log: EventEmitter) => void)[]) {
  const log = Object.assign(new EventEmitter(), { send: async () => {}, detach: async () => {} })
  const page = {
    navigations: 0,
    createCDPSession: async () => log,
    browser: () => ({ version: async () => 'Chrome/1' }),
    goto: async () => navigate[page.navigations++]?.(log),
    waitForFunction: async () => {
      throw Object.assign(new Error(), { name: 'TimeoutError' })
    },
  }
  return page
}
const load = (page: object) => loadWhatsApp(page as Page, 5_000)
const loses = (error: string, url: string) => (log: EventEmitter) =>
  log.emit('Log.entryAdded', { entry: { source: 'network', text: `Failed to load resource: ${error}`, url } })
const fails = (error: string) => () => {
  throw new Error(error)
}

test.each([
  'net::ERR_NETWORK_CHANGED',
  'net::ERR_CONNECTION_RESET',
  'net::ERR_TIMED_OUT',
  'net::ERR_NAME_NOT_RESOLVED',
  'net::ERR_INTERNET_DISCONNECTED',
  'net::ERR_PROXY_CONNECTION_FAILED',
  'net::ERR_TUNNEL_CONNECTION_FAILED',
  'net::ERR_INCOMPLETE_CHUNKED_ENCODING',
])('loads a page once more where a part of it was lost to %s, and blames that', async (error) => {
  const page = pageThat(loses(error, SCRIPT), loses(error, SCRIPT))
  await expect(load(page)).rejects.toMatchObject({ ...UNREACHABLE, message: expect.stringContaining(error) })
  expect(page.navigations).toBe(2)
})

test('blames the page where all of it came the second time', async () => {
  const page = pageThat(loses('net::ERR_NETWORK_CHANGED', SCRIPT))
  await expect(load(page)).rejects.toMatchObject(UNSUPPORTED)
})

test.each([
  [
    'of another host, which the browser may not reach',
    'net::ERR_NAME_NOT_RESOLVED',
    'https://example.com/a.js',
  ],
  [
    'without which it starts',
    'net::ERR_NAME_NOT_RESOLVED',
    'https://dit.whatsapp.net/deidentified_telemetry',
  ],
  ['that Chromium refused', 'net::ERR_BLOCKED_BY_RESPONSE', SCRIPT],
  ['that its rules kept from the page', 'net::ERR_FAILED', SCRIPT],
  ['that the server does not have', 'the server responded with a status of 404 ()', SCRIPT],
])('blames the page where it lacks only something %s', async (_, error, url) => {
  const page = pageThat(loses(error, url))
  await expect(load(page)).rejects.toMatchObject(UNSUPPORTED)
  expect(page.navigations).toBe(1)
})

test('goes to the page again for as long as the network changes on the way', async () => {
  const changes = fails('net::ERR_NETWORK_CHANGED at https://web.whatsapp.com/')
  const page = pageThat(changes, changes)
  await expect(load(page)).rejects.toMatchObject(UNSUPPORTED)
  expect(page.navigations).toBe(3)
})

test('does not go to it again where it cannot be reached', async () => {
  const page = pageThat(fails('net::ERR_CONNECTION_REFUSED at https://web.whatsapp.com/'))
  await expect(load(page)).rejects.toMatchObject(UNREACHABLE)
  expect(page.navigations).toBe(1)
})
