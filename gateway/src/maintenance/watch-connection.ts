import type { Logger } from '@wsg/shared/logger.ts'
import { logConnectFailures } from '@wsg/shared/redis/connection/log-connect-failures.ts'
import type { Redis } from 'ioredis'

/** Logs when Redis goes and comes, and why it does not come. */
export function watchConnection(redis: Redis, log: Logger): void {
  logConnectFailures(redis, log)
  let isThere = false
  redis.on('ready', () => {
    isThere = true
    log.info('connected to Redis')
  })
  redis.on('close', () => {
    if (isThere) log.warn('lost the connection to Redis')
    isThere = false
  })
}
