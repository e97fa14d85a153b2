import { keep } from '@wsg/worker/src/whatsapp/page/functions.ts'
import { KIT_ABSENT, PageKit } from '@wsg/worker/src/whatsapp/page/page-kit.ts'
import puppeteer, { type Browser, type Page } from 'puppeteer'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chromium } from '../support/chromium.ts'

let browser: Browser
let page: Page
let kit: PageKit
beforeAll(async () => {
  browser = await puppeteer.launch(chromium(['--js-flags=--expose-gc']))
  page = (await browser.pages())[0] ?? (await browser.newPage())
  kit = new PageKit(page)
  await kit.listen(() => {})
})
afterAll(async () => {
  await browser.close()
})

test('a document that was loaded meanwhile is told from a page that fails, at every step of a file', async () => {
  for (const call of [
    () => kit.call('fetchMedia', { messageId: 'a', maxBytes: 1, limitMs: 1 }),
    () => kit.call('pieceOfFile', { messageId: 'a', from: 0, bytes: 1 }),
    () => kit.call('saveFile', 'blob:a'),
    () => kit.call('performOperation', 'profile.get', {}, 0),
  ])
    await expect(call()).rejects.toThrow(KIT_ABSENT)
})

test('an answer arrives though the page cleans up its memory in the moment in which it is given', async () => {
  const collectsAsItAnswers = `async () => {
    await new Promise((resolve) => setTimeout(resolve))
    queueMicrotask(() => gc())
    return 'CONNECTED'
  }`
  await page.evaluate(
    `window.sessionGatewayKit = { kept: new Set(), keep: ${keep}, roundTrip: ${collectsAsItAnswers} }`,
  )
  expect(await Promise.all(Array.from({ length: 20 }, () => kit.call('roundTrip')))).toEqual(
    Array(20).fill('CONNECTED'),
  )
  // What is kept is let go.
  expect(await page.evaluate('window.sessionGatewayKit.kept.size')).toBe(0)
})
