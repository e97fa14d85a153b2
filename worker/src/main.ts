import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { createLogger } from '@wsg/shared/logger.ts'
import closeWithGrace from 'close-with-grace'
import { openConnections } from './connections.ts'
import { connectPool } from './pool/pool-link.ts'
import { ProfileFolder } from './session/profile-folder.ts'
import { sessionSettings } from './session/session-settings.ts'
import { createWebJsClient } from './whatsapp/web-js-client.ts'
import { Worker } from './worker.ts'
import { readWorkerConfig } from './worker-config.ts'

const config = readWorkerConfig(process.env)
const logger = createLogger('worker', config.LOG_LEVEL)
const workerId = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`
const connections = openConnections(config.REDIS_URL, workerId)
const pool = connectPool(process)
const profiles = new ProfileFolder(config.DATA_DIR)
const die = (): never => process.exit(1)
const createClient = (sessionId: string) =>
  createWebJsClient({
    sessionId,
    profilePath: profiles.pathOf(sessionId),
    lockPath: profiles.lockOf(sessionId),
    world: config.WORLD,
    ...(config.PUPPETEER_EXECUTABLE_PATH ? { executablePath: config.PUPPETEER_EXECUTABLE_PATH } : {}),
    chromiumArgs: config.CHROMIUM_ARGS,
    logger: logger.child({ sessionId }),
    onBrowserPid: (pid: number | null) => pool.tell({ type: 'browser', pid }),
  })
const settings = sessionSettings(config)
const worker = new Worker({ workerId, settings, profiles, connections, pool, createClient, die, logger })
const { close } = closeWithGrace({ delay: 30_000, logger }, async ({ err }) => {
  await (err === undefined ? worker.stop() : worker.abort(err))
  connections.close()
})
process.once('disconnect', close) // the pool that forked it is gone, or wants it gone
await worker.start()
