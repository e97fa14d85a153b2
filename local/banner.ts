import { ProfileFolder } from '@wsg/worker/src/session/profile-folder.ts'
import { findChromium } from '@wsg/worker/src/whatsapp/browser/find-chromium.ts'
import { isolationOf } from '@wsg/worker/src/whatsapp/browser/isolation.ts'
import type { World } from '@wsg/worker/src/whatsapp/browser/profile.ts'
import { BrowserMissing } from '@wsg/worker/src/whatsapp/client-errors.ts'
import type { LocalConfig } from './local-config.ts'

export interface BannerFacts {
  world: World
  address: string
  token: string
  /** The simulator's page, in the sandbox. */
  phonePage: string | null
  logFile: string | null
  maxSessions: number
  /** What is wrong with how Chromium will run, null where nothing is. */
  chromiumWarning: string | null
}

/**
 * What a person needs to begin. The lines `Dashboard:`, `Address:`, `Token:` and `Phone page:` stay as they are: programs read
 * them.
 */
export function banner(facts: BannerFacts): string {
  const { world, address, token, phonePage, logFile, maxSessions, chromiumWarning } = facts
  const headers = `-H "Authorization: Bearer ${token}" -H "X-Session-Id: my-session"`
  return [
    '',
    world === 'sandbox'
      ? 'SANDBOX: the phones are simulated. Nothing you send here reaches the real WhatsApp.'
      : 'The WhatsApp gateway is running.',
    '',
    `Dashboard: ${address}/`,
    `Address: ${address}`,
    `Token: ${token}`,
    ...(phonePage === null ? [] : [`Phone page: ${phonePage}`]),
    '',
    'Open the dashboard, sign in with the token and choose New session. It shows a QR code:',
    phonePage === null
      ? 'scan it with WhatsApp on your phone (Linked devices), and send the first message.'
      : 'let the simulated phone scan it, and send the first message.',
    '',
    'The same at another prompt, which finds this start by itself:',
    'npm run wsg -- pair my-session',
    'npm run wsg -- send 5511999887766 "Hello from WhatsApp!"',
    'npm run wsg -- --help',
    '',
    'And with curl:',
    ...(phonePage === null
      ? ['1. Get a QR code and scan it:', `curl ${headers} -H "Accept: text/plain" ${address}/qr`]
      : [
          '1. Get a QR code, open the phone page, choose a number there and paste the "code" (or drop the picture):',
          `curl ${headers} ${address}/qr`,
        ]),
    '',
    '2. Send a message:',
    `curl -X POST ${headers} -H "Content-Type: application/json" -d '{"to": "5511999887766", "message": "Hello from WhatsApp!"}' ${address}/send`,
    '',
    'For the samples of the documentation:',
    `export URL=${address} TOKEN=${token}${phonePage === null ? '' : ` PHONE=${phonePage}`}`,
    '',
    `Up to ${maxSessions} sessions at once.${logFile === null ? '' : ` Log: ${logFile}`}`,
    ...(chromiumWarning === null ? [] : [`Warning: ${chromiumWarning}`]),
    'Ctrl-C stops everything; logged-in sessions come back with the next start.',
    '',
  ].join('\n')
}

/** Decides what the workers will decide when they start Chromium. @returns one sentence for the banner, or null */
export function warnOfChromium({
  dataDir,
  chromium,
}: Pick<LocalConfig, 'dataDir' | 'chromium'>): string | null {
  try {
    const executablePath = findChromium(chromium.executablePath).path
    const profiles = new ProfileFolder(dataDir).root
    const { noSandbox } = isolationOf(chromium.sandbox, { ...chromium, executablePath, profiles })
    return noSandbox === null ? null : `Chromium runs without its sandbox: ${noSandbox}.`
  } catch (error) {
    if (error instanceof BrowserMissing) return `No session can start. ${error.message}`
    throw error
  }
}

/** The address a caller on this machine uses: one that listens everywhere is reached on loopback. */
export function callableAddress(host: string, port: number): string {
  const reached = host === '0.0.0.0' || host === '' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}
