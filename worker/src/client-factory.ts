import type { Logger } from '@wsg/shared/logger.ts'
import type { PoolLink } from './pool/pool-link.ts'
import type { ProfileFolder } from './session/profile-folder.ts'
import { createWebJsClient } from './whatsapp/library/web-js-client.ts'
import type { WhatsAppClient } from './whatsapp/whatsapp-client.ts'
import type { WorkerConfig } from './worker-config.ts'

/** How a session gets its client: whatsapp-web.js on the session's profile, as this worker is configured. */
export function clientFactory(
  config: WorkerConfig,
  { profiles, pool, logger }: { profiles: ProfileFolder; pool: PoolLink; logger: Logger },
): (sessionId: string) => WhatsAppClient {
  return (sessionId) =>
    createWebJsClient({
      sessionId,
      profilePath: profiles.pathOf(sessionId),
      lockPath: profiles.lockOf(sessionId),
      world: config.WORLD,
      ...(config.PUPPETEER_EXECUTABLE_PATH ? { executablePath: config.PUPPETEER_EXECUTABLE_PATH } : {}),
      chromiumArgs: config.CHROMIUM_ARGS,
      sandbox: config.CHROMIUM_SANDBOX,
      logger: logger.child({ sessionId }),
      onBrowserPid: (pid) => pool.tell({ type: 'browser', pid }),
    })
}
