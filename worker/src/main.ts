import { createLogger } from '@wsg/shared/logger.ts'
import { redisAddress } from '@wsg/shared/redis/connection/redis-address.ts'
import closeWithGrace from 'close-with-grace'
import { clientFactory } from './client-factory.ts'
import { openConnections } from './connections.ts'
import { joinHost } from './join-host.ts'
import { keepAliveFile } from './liveness.ts'
import { memoryLimitMb } from './memory/memory-limit.ts'
import { openMemoryMeter } from './memory/memory-meter.ts'
import { connectPool } from './pool/pool-link.ts'
import { ProfileFolder } from './session/profile-folder.ts'
import { sessionSettings } from './session/session-settings.ts'
import { Worker } from './worker.ts'
import { readWorkerConfig } from './worker-config.ts'
import { newWorkerId } from './worker-id.ts'

const config = readWorkerConfig(process.env)
const logger = createLogger('worker', config.LOG_LEVEL)
const workerId = newWorkerId()
const connections = openConnections(redisAddress(config), workerId, config.REDIS_MIN_REPLICAS)
const profiles = new ProfileFolder(config.DATA_DIR)
const pool = connectPool(process) ?? (await joinHost({ workerId, profiles, connections, logger }))
const die = (): never => process.exit(1)
const createClient = clientFactory(config, { profiles, pool, logger })
const settings = sessionSettings(config)
const memory = openMemoryMeter(memoryLimitMb(config.MEMORY_LIMIT_MB))
const surroundings = { workerId, memory, profiles, connections, pool }
const worker = new Worker({ ...surroundings, settings, createClient, die, logger })
const { close } = closeWithGrace({ delay: 30_000, logger }, async ({ err }) => {
  await (err === undefined ? worker.stop() : worker.abort(err))
  connections.close()
})
process.once('disconnect', close) // the pool that forked it is gone, or wants it gone
await keepAliveFile(config.LIVENESS_FILE)
await worker.start()
