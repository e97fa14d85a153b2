import type { Logger } from '@wsg/shared/logger.ts'
import { logConnectFailures } from '@wsg/shared/redis/connection/log-connect-failures.ts'
import type { Redis } from 'ioredis'

/** Logs when Redis goes and comes, and why it does not come. @returns for how long it has been there without a break, in ms */
export function watchConnection(redis: Redis, log: Logger): () => number {
  logConnectFailures(redis, log)
  let since: number | null = null
  redis.on('ready', () => {
    since = performance.now()
    log.info('connected to Redis')
  })
  redis.on('close', () => {
    if (since !== null) log.warn('lost the connection to Redis')
    since = null
  })
  return () => (since === null ? 0 : performance.now() - since)
}
