import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { toTerminalText } from '@wsg/gateway/src/sessions/qr-picture.ts'
import { createLogger } from '@wsg/shared/logger.ts'
import { FolderStore } from '@wsg/shared/media/folder-store.ts'
import type { Engine } from '@wsg/shared/sessions/engine.ts'
import { ClientFailed } from '@wsg/worker/src/whatsapp/client-errors.ts'
import { createWebJsClient } from '@wsg/worker/src/whatsapp/library/web-js-client.ts'
import { bindings } from '@wsg/worker/src/whatsapp/page/bindings.ts'
import type { ClientFault, WhatsAppClient } from '@wsg/worker/src/whatsapp/whatsapp-client.ts'
import { clientSettings, workerConfigSchema } from '@wsg/worker/src/worker-config.ts'

/*
 * Prints what this version uses of WhatsApp's page, and whether the page of today has it.
 *
 *     npm run page-check                        pairs by a QR code in the terminal, and logs out again
 *     npm run page-check -- --profile FOLDER    with the login of a session that does not run
 *
 * Chromium is started as a worker starts it: PUPPETEER_EXECUTABLE_PATH, CHROMIUM_ARGS, CHROMIUM_SANDBOX and WORLD hold.
 * Ends with 0 where everything is there, with 1 where something is missing, and with 2 where nothing could be read.
 */

const { values } = parseArgs({ options: { profile: { type: 'string' } } })
const config = workerConfigSchema
  .pick({
    ...{ PUPPETEER_EXECUTABLE_PATH: true, CHROMIUM_ARGS: true, CHROMIUM_SANDBOX: true, WORLD: true },
    ...{ MAX_MEDIA_MB: true, MEDIA_RETENTION_HOURS: true },
  })
  .parse(process.env)
const folder = await mkdtemp(join(tmpdir(), 'page-check-'))
await chmod(folder, 0o711) // root's browsers run as nobody
const isOwnLogin = values.profile === undefined
const profilePath = resolve(values.profile ?? join(folder, 'session-page-check'))
const client = createWebJsClient({
  ...clientSettings(config),
  profilePath,
  lockPath: `${profilePath}.lock`,
  store: new FolderStore(join(folder, 'media')),
  downloadsPath: join(folder, 'downloads'),
  logger: createLogger('page-check', 'warn'),
  onBrowserPid: () => {},
})
process.once('SIGINT', () => void client.close())
try {
  process.exitCode = await check(client)
  if (isOwnLogin) await client.logout().catch(() => {})
} finally {
  await client.close()
  await rm(folder, { recursive: true, force: true })
}

async function check(client: WhatsAppClient): Promise<0 | 1 | 2> {
  let engine: Engine | undefined
  const ended = new Promise<ClientFault | null>((resolve) => {
    client.events.on('ready', () => resolve(null))
    client.events.on('fault', resolve)
    client.events.on('loggedOut', () => resolve({ kind: 'auth_failure', detail: 'logged out' }))
  })
  client.events.on('engine', (seen) => {
    engine = seen
  })
  client.events.on('qr', (code) => process.stdout.write(`${toTerminalText(code)}Scan this with WhatsApp.\n`))
  const fault = await client.open().then(
    () => ended,
    (error) => (error instanceof ClientFailed ? error.fault : { kind: 'unexpected', detail: String(error) }),
  )
  if (fault !== null) console.log(`${fault.kind}: ${fault.detail}`)
  if (engine === undefined) return 2
  print(engine)
  return engine.missing.length === 0 ? 0 : 1
}

function print({ library, page, missing }: Engine): void {
  const lacks = new Set(missing.map(({ name }) => name))
  for (const [name, { kind, concerns }] of bindings)
    console.log(`${lacks.has(name) ? 'MISSING' : 'there  '} ${name} (${kind}): ${concerns.join(', ')}`)
  const rest = bindings.size - lacks.size
  console.log(`WhatsApp Web ${page}, ${library}: ${rest} of ${bindings.size} are there.`)
}
