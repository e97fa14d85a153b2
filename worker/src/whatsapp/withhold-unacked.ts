import type { Logger } from '@wsg/shared/logger.ts'
import type { CDPSession, Page } from 'puppeteer'
import { PageUnresponsive } from './client-errors.ts'
import { takeOutUnacked } from './page/take-out-unacked.ts'
import { withDeadline } from './with-deadline.ts'

/** An address of WhatsApp's origin that never leaves this browser. */
const EMPTY_ADDRESS = 'https://web.whatsapp.com/session-gateway-empty'
const EMPTY_PAGE = Buffer.from('<!doctype html><title>session-gateway</title>').toString('base64')

/**
 * Keeps WhatsApp Web from sending messages a second time. What it has no ack of it puts on the wire again as soon as it
 * runs; so before it runs, in an empty document of its origin, these messages are taken out of its store. Nothing
 * happens where none are named.
 * @param ids id parts of messages
 * @throws PageUnresponsive past `timeoutMs`; an error where a message was found and could not be taken out
 */
export async function withholdUnacked(
  page: Page,
  ids: readonly string[],
  { timeoutMs, logger }: { timeoutMs: number; logger: Logger },
): Promise<void> {
  if (ids.length === 0) return
  const startedAt = performance.now()
  const late = () => new PageUnresponsive(`the store of the page did not answer within ${timeoutMs} ms`)
  const { taken, unreadable } = await withDeadline(inEmptyDocument(page, ids), timeoutMs, late)
  const ms = Math.round(performance.now() - startedAt)
  if (unreadable === undefined)
    logger.info({ asked: ids.length, taken, ms }, 'unacked messages were withheld')
  else logger.warn({ asked: ids.length, unreadable, ms }, 'the store of the page cannot be read')
}

async function inEmptyDocument(page: Page, ids: readonly string[]) {
  const session = await page.createCDPSession()
  try {
    await answerWithEmptyPage(session)
    await page.goto(EMPTY_ADDRESS, { waitUntil: 'load', timeout: 0 })
    if ((await page.title()) !== 'session-gateway') throw new Error('the empty document was not shown')
    return await page.evaluate(takeOutUnacked, [...ids])
  } finally {
    // With the session goes all that it switched on.
    await session.detach().catch(() => {})
  }
}

async function answerWithEmptyPage(session: CDPSession): Promise<void> {
  session.on('Fetch.requestPaused', ({ requestId }) => {
    const responseHeaders = [{ name: 'content-type', value: 'text/html' }]
    const answer = { requestId, responseCode: 200, responseHeaders, body: EMPTY_PAGE }
    session.send('Fetch.fulfillRequest', answer).catch(() => {})
  })
  // A service worker answers before the interception does. It is bypassed only with the network domain switched on.
  await session.send('Network.enable')
  await session.send('Network.setBypassServiceWorker', { bypass: true })
  await session.send('Fetch.enable', { patterns: [{ urlPattern: EMPTY_ADDRESS }] })
}
