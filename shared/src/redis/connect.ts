import { Redis, type RedisOptions } from 'ioredis'

/**
 * A connection for commands that a caller waits for: while Redis is away every command fails at once instead of
 * queueing up, and none takes longer than `commandTimeout`.
 */
export function connectForCommands(url: string, name: string): Redis {
  return connect(url, name, { enableOfflineQueue: false, commandTimeout: 1_500, maxRetriesPerRequest: 0 })
}

/** A connection that BullMQ may block on: it waits out an absence of Redis. */
export function connectForBlocking(url: string, name: string): Redis {
  return connect(url, name, { maxRetriesPerRequest: null })
}

type Waiting = Pick<RedisOptions, 'enableOfflineQueue' | 'commandTimeout' | 'maxRetriesPerRequest'>

function connect(url: string, connectionName: string, options: Waiting): Redis {
  const redis = new Redis(url, {
    connectionName,
    connectTimeout: 2_000,
    keepAlive: 10_000,
    retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 5), 1_000),
    ...options,
  })
  // Without a listener ioredis prints every failed attempt; the state of the connection is asked for where it counts.
  redis.on('error', () => {})
  return redis
}
