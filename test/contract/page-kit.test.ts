import { keep } from '@wsg/worker/src/whatsapp/page/functions.ts'
import { PageKit } from '@wsg/worker/src/whatsapp/page/page-kit.ts'
import puppeteer from 'puppeteer'
import { expect, test } from 'vitest'
import { chromium } from '../support/chromium.ts'

test('an answer arrives though the page cleans up its memory in the moment in which it is given', async () => {
  const browser = await puppeteer.launch(chromium(['--js-flags=--expose-gc']))
  try {
    const [page = await browser.newPage()] = await browser.pages()
    const collectsAsItAnswers = `async () => {
      await new Promise((resolve) => setTimeout(resolve))
      queueMicrotask(() => gc())
      return 'CONNECTED'
    }`
    await page.evaluate(
      `window.sessionGatewayKit = { kept: new Set(), keep: ${keep}, roundTrip: ${collectsAsItAnswers} }`,
    )
    const kit = new PageKit(page)
    await kit.listen(() => {})
    expect(await Promise.all(Array.from({ length: 20 }, () => kit.call('roundTrip')))).toEqual(
      Array(20).fill('CONNECTED'),
    )
    // What is kept is let go.
    expect(await page.evaluate('window.sessionGatewayKit.kept.size')).toBe(0)
  } finally {
    await browser.close()
  }
})
