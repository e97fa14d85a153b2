import type { Redis } from 'ioredis'
import type { Logger } from '../../logger.ts'

/** Logs why a connection cannot be made (refused, wrong password, certificate, no Sentinel): each reason once until it is. */
export function logConnectFailures(redis: Redis, logger: Logger): void {
  let last = ''
  redis.on('ready', () => {
    last = ''
  })
  redis.on('error', (err: Error) => {
    if (redis.status === 'ready' || err.message === last) return
    last = err.message
    logger.warn({ err }, 'Redis cannot be connected to; trying again')
  })
}
