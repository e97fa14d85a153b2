import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { createLogger } from '@wsg/shared/logger.ts'
import { openStore } from '@wsg/shared/media/open-store.ts'
import type { StoredProxy } from '@wsg/shared/net/proxy-address.ts'
import { redisAddress } from '@wsg/shared/redis/connection/redis-address.ts'
import { openTracer } from '@wsg/shared/tracing/open-tracer.ts'
import closeWithGrace from 'close-with-grace'
import { openConnections } from './connections.ts'
import { joinHost } from './host/host-link.ts'
import { keepAliveFile } from './liveness.ts'
import { memoryLimitMb, openMemoryMeter } from './memory/memory-meter.ts'
import { connectPool } from './pool/pool-link.ts'
import { ProfileFolder } from './session/profile-folder.ts'
import { sessionSettings } from './session/session-settings.ts'
import { createWebJsClient } from './whatsapp/library/web-js-client.ts'
import { Worker } from './worker.ts'
import { clientSettings, readWorkerConfig } from './worker-config.ts'

const config = readWorkerConfig(process.env)
const logger = createLogger('worker', config.LOG_LEVEL)
const workerId = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`
const connections = openConnections(redisAddress(config), workerId, config.REDIS_MIN_REPLICAS)
const profiles = new ProfileFolder(config.DATA_DIR)
const pool = connectPool(process) ?? (await joinHost({ workerId, profiles, connections, logger }))
const store = openStore(config)
const createClient = (sessionId: string, proxy: StoredProxy | null) =>
  createWebJsClient({
    ...clientSettings(config),
    ...profiles.pathsOf(sessionId),
    store,
    proxy,
    logger: logger.child({ sessionId }),
    onBrowserPid: (pid) => pool.tell({ type: 'browser', pid }),
  })
const memory = openMemoryMeter(memoryLimitMb(config.MEMORY_LIMIT_MB))
const surroundings = { workerId, memory, profiles, connections, pool }
const tracer = await openTracer(config, 'worker', logger)
const settings = sessionSettings(config, tracer)
const die = () => process.exit(1)
const worker = new Worker({ ...surroundings, settings, createClient, die, logger })
const { close } = closeWithGrace({ delay: 30_000, logger }, async ({ err }) => {
  await (err === undefined ? worker.stop() : worker.abort(err))
  await tracer?.close()
  connections.close()
})
process.once('disconnect', close) // the pool that forked it is gone, or wants it gone
await keepAliveFile(config.LIVENESS_FILE)
await worker.start()
