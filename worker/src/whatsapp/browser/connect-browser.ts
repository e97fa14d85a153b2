import type { Logger } from '@wsg/shared/logger.ts'
import type { Browser } from 'puppeteer'
import { ClientFailed, ProfileLocked } from '../client-errors.ts'
import type { Libraries } from '../library/stock-client.ts'
import { withDeadline } from '../with-deadline.ts'
import type { LockedChromium } from './locked-chromium.ts'

/**
 * Waits until a started Chromium answers over its pipe.
 * @throws ProfileLocked, ClientFailed where it ended or stayed silent
 */
export async function connectBrowser(
  chromium: LockedChromium,
  { connect }: Libraries,
  { launchMs, logger }: { launchMs: number; logger: Logger },
): Promise<Browser> {
  let answers = false
  const ended = chromium.exited.then(({ lockHeld, code, signal, lastWords }) => {
    if (lockHeld) throw new ProfileLocked('Another browser holds the lock of this profile.')
    if (!answers) logger.error({ code, signal, lastWords }, 'Chromium ended while it started')
    throw new ClientFailed({
      kind: 'browser_gone',
      detail: `Chromium ended while it started: ${code ?? signal}`,
    })
  })
  // Our own watch over network events is not needed, and the network domain would tell every frame of every socket.
  const connected = connect({ transport: chromium.transport, defaultViewport: null, networkEnabled: false })
  // The pipe breaks a moment before the exit is known, which says more.
  const up = connected.catch(async (error) => {
    await ended
    throw error
  })
  const browser = await withDeadline(
    Promise.race([up, ended]),
    launchMs,
    () => new ClientFailed({ kind: 'browser_gone', detail: `Chromium did not answer within ${launchMs} ms` }),
  )
  answers = true
  return browser
}
