import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@wsg/shared/logger.ts'
import { takeOutUnacked } from '@wsg/worker/src/whatsapp/page/take-out-unacked.ts'
import { withholdUnacked } from '@wsg/worker/src/whatsapp/withhold-unacked.ts'
import puppeteer, { type Browser, type BrowserContext, type Page } from 'puppeteer'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { tlsIdentity } from '../simulator/server/tls-identity.ts'
import { chromium } from '../support/chromium.ts'
import { newMessageId } from './outgoing-text.ts'

const ORIGIN = 'https://web.whatsapp.com'
const ID = newMessageId()

/** WhatsApp's origin with nothing behind it but a service worker that answers every navigation by itself. */
const SERVICE_WORKER = `
addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))
addEventListener('fetch', (event) => {
  const headers = { 'content-type': 'text/html' }
  if (event.request.mode === 'navigate') event.respondWith(new Response('<title>WhatsApp</title>', { headers }))
})`

let folder: string
let server: Server
let browser: Browser
let context: BrowserContext
let page: Page

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'withheld-store-'))
  const identity = await tlsIdentity(folder)
  server = createServer(identity, ({ url }, response) => {
    const isScript = url === '/worker.js'
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
    response.end(isScript ? SERVICE_WORKER : '<title>WhatsApp</title>')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  browser = await puppeteer.launch(
    chromium(['--ignore-certificate-errors', `--host-resolver-rules=MAP web.whatsapp.com 127.0.0.1:${port}`]),
  )
})
beforeEach(async () => {
  context = await browser.createBrowserContext()
  page = await context.newPage()
  await page.goto(ORIGIN)
})
afterEach(() => context.close())
afterAll(async () => {
  await browser.close()
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true, force: true })
})

/** Makes a database of that version with these stores, and puts the rows into the first. */
async function makeStore(version: number, stores: string[], rows: object[] = []): Promise<void> {
  await page.evaluate(
    async (asked) => {
      const request = indexedDB.open('model-storage', asked.version)
      request.onupgradeneeded = () => {
        for (const store of asked.stores) request.result.createObjectStore(store, { keyPath: 'id' })
      }
      await new Promise((resolve) => (request.onsuccess = resolve))
      const [first] = asked.stores
      if (first !== undefined && asked.rows.length > 0) {
        const transaction = request.result.transaction(first, 'readwrite')
        for (const row of asked.rows) transaction.objectStore(first).put(row)
        await new Promise((resolve) => (transaction.oncomplete = resolve))
      }
      request.result.close()
    },
    { version, stores, rows },
  )
}

async function keysLeft(): Promise<unknown[]> {
  return await page.evaluate(async () => {
    const request = indexedDB.open('model-storage')
    await new Promise((resolve) => (request.onsuccess = resolve))
    const keys = request.result.transaction('message').objectStore('message').getAllKeys()
    await new Promise((resolve) => (keys.onsuccess = resolve))
    request.result.close()
    return keys.result
  })
}

const key = (id: string, chat = '5511999887766@c.us') => `true_${chat}_${id}`

describe("taking messages out of the page's store", () => {
  test('makes no database where there is none', async () => {
    expect(await page.evaluate(takeOutUnacked, [ID])).toEqual({ taken: 0 })
    expect(await page.evaluate(() => indexedDB.databases())).toEqual([])
  })

  test('leaves a database without that store as it is, whatever its version', async () => {
    await makeStore(7, ['chat'], [{ id: key(ID) }])
    expect(await page.evaluate(takeOutUnacked, [ID])).toEqual({ taken: 0 })
    expect(await page.evaluate(() => indexedDB.databases())).toEqual([{ name: 'model-storage', version: 7 }])
  })

  test('works in any version, and on every spelling of the chat', async () => {
    const rows = [
      { id: key(ID), ack: 0 },
      { id: key(ID, '77001122@lid'), attributes: { ack: 0 } },
      { id: `${key(ID, '120363000000000000@g.us')}_5511911111111@c.us` },
      { id: `${key(ID, '5511911111111@c.us')}_out`, ack: 0 },
    ]
    await makeStore(1_234, ['message'], rows)
    expect(await page.evaluate(takeOutUnacked, [ID])).toEqual({ taken: 4 })
    expect(await keysLeft()).toEqual([])
    expect(await page.evaluate(() => indexedDB.databases())).toEqual([
      { name: 'model-storage', version: 1_234 },
    ])
  })

  test('touches neither what has an ack, nor other messages, nor what others wrote', async () => {
    const rows = [
      { id: key(ID), ack: 1 },
      { id: key(ID, '77001122@lid'), attributes: { ack: 3 } },
      { id: key(newMessageId()), ack: 0 },
      { id: `false_5511999887766@c.us_${ID}`, ack: 0 },
    ]
    await makeStore(1, ['message'], rows)
    expect(await page.evaluate(takeOutUnacked, [ID])).toEqual({ taken: 0 })
    expect(await keysLeft()).toEqual(rows.map(({ id }) => id).sort())
  })

  test('says so where the store cannot be read', async () => {
    await page.evaluate(() => {
      indexedDB.databases = () => Promise.reject(new Error('the disk is broken'))
    })
    expect(await page.evaluate(takeOutUnacked, [ID])).toEqual({
      taken: 0,
      unreadable: expect.stringContaining('the disk is broken'),
    })
  })
})

describe('the document in which it is done', () => {
  const asked = { timeoutMs: 10_000, logger: createLogger('contract', 'silent') }

  test('is ours and empty, though a service worker answers for the whole origin', async () => {
    await page.evaluate(async () => {
      await navigator.serviceWorker.register('/worker.js')
      await navigator.serviceWorker.ready
    })
    await makeStore(1, ['message'], [{ id: key(ID), ack: 0 }])
    await page.goto(ORIGIN)
    expect(await page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true)
    const titles: string[] = []
    page.on('load', async () => titles.push(await page.title()))
    await withholdUnacked(page, [ID], asked)
    expect(titles).toEqual(['session-gateway'])
    await page.goto(ORIGIN)
    // And the page itself gets its service worker back.
    expect(await page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true)
    expect(await keysLeft()).toEqual([])
  })

  test('is not opened where nothing is to be withheld', async () => {
    await withholdUnacked(page, [], asked)
    expect(page.url()).toBe(`${ORIGIN}/`)
  })

  test('is not waited for without end', async () => {
    await page.evaluateOnNewDocument(() => {
      indexedDB.databases = () => new Promise(() => {})
    })
    const withheld = withholdUnacked(page, [ID], { ...asked, timeoutMs: 300 })
    await expect(withheld).rejects.toMatchObject({ name: 'PageUnresponsive' })
  })
})
