import { Redis, type RedisOptions } from 'ioredis'
import type { Logger } from '../../logger.ts'
import { type RedisAddress, redisAt } from './redis-address.ts'
import type { RedisClient } from './redis-client.ts'
import { commandsOf } from './redis-commands.ts'
import { readLoading } from './server.ts'

/** What the configuration says, or the URL of a Redis that is nothing but that. */
type Address = RedisAddress | string

/** As ioredis declares them, without one that its own constructor does not take. */
type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>

/** How long a caller waits for the answer to a command. */
const COMMAND_LIMIT_MS = 1_500
/** The last part of that limit. */
const LAST_MOMENT_MS = 100
/** Well past the moment from which Redis itself refuses an acceptance as too late, so that none is overtaken. */
const SILENT_FOR_MS = 2_500
/** BullMQ blocks for ten seconds at most. */
const BLOCKED_FOR_MS = 15_000
/**
 * How long a lost connection stays away at most between two attempts, and between two looks whether Redis has loaded its
 * file. ioredis would wait for what Redis says is left of loading, up to 10 s: at first that is far too much, and a lease
 * does not last so long.
 */
const AGAIN_WITHIN_MS = 1_000
const LOADING_LOGGED_EVERY_MS = 5_000

/**
 * Gives a command up that is not answered in time. ioredis' own `commandTimeout` does that also where the answer came while
 * this process stood still (a busy machine, a long turn): its timer fires before what came is read. Here the last moment of the
 * limit begins only when the process runs, and what came is read before it ends.
 */
class LimitedRedis extends Redis {
  override sendCommand(...[command, stream]: Parameters<Redis['sendCommand']>): unknown {
    const giveUp = () => command.reject(new Error('Command timed out'))
    const lastMoment = () => {
      timer = setTimeout(() => setImmediate(giveUp), LAST_MOMENT_MS)
    }
    let timer = setTimeout(lastMoment, COMMAND_LIMIT_MS - LAST_MOMENT_MS)
    const stop = () => clearTimeout(timer)
    command.promise.then(stop, stop)
    return super.sendCommand(command, stream)
  }
}

/**
 * A connection for commands that a caller waits for: while Redis is away every command fails at once instead of
 * queueing up, and none takes longer than 1.5 s. Nothing is ever sent a second time. A server that says
 * nothing at all for 2.5 s is left: by then another one may be the primary.
 */
export function connectForCommands(address: Address, name: string): RedisClient {
  const redis = new LimitedRedis({
    ...connectionOptions(address, name),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    socketTimeout: SILENT_FOR_MS,
  })
  return withListener(redis)
}

/**
 * A connection that BullMQ may block on, and make others from: it waits out an absence of Redis, and gives again what
 * was not answered.
 */
export function connectForBlocking(address: Address, name: string): RedisClient {
  const redis = new Redis({
    ...connectionOptions(address, name),
    maxRetriesPerRequest: null,
    socketTimeout: BLOCKED_FOR_MS,
  })
  return withListener(redis)
}

/**
 * Makes `follower` connect anew when `leader` lost its server: by itself it may sit for long on one that hangs, in the
 * middle of a handshake as well.
 */
export function reconnectTogether(leader: RedisClient, follower: RedisClient): void {
  const leave = () => {
    // Never while it is being led somewhere by Sentinels: interrupted there, ioredis gives the connection up for good.
    if (follower.status === 'ready' || follower.status === 'connect') commandsOf(follower).disconnect(true)
  }
  leader.on('close', leave)
  leader.on('ready', () => {
    setTimeout(() => follower.status !== 'ready' && leave(), SILENT_FOR_MS).unref()
  })
}

/** Resolves when commands can be given, or `signal` comes. */
export async function untilReady(redis: RedisClient, signal?: AbortSignal): Promise<void> {
  if (redis.status === 'ready' || signal?.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  redis.once('ready', () => resolve())
  signal?.addEventListener('abort', () => resolve(), { once: true })
  await promise
}

/**
 * Logs when Redis goes and comes, and why it does not come: refused, wrong password, certificate, no Sentinel, each reason
 * once; and how far it is while it loads its file.
 */
export function logConnection(client: RedisClient, logger: Logger): void {
  const redis = commandsOf(client)
  let isThere = false
  let lastReason = ''
  let loading: NodeJS.Timeout | undefined
  redis.on('connect', () => {
    loading = setInterval(() => void logLoading(redis, logger), LOADING_LOGGED_EVERY_MS).unref()
  })
  redis.on('ready', () => {
    clearInterval(loading)
    isThere = true
    lastReason = ''
    logger.info('connected to Redis')
  })
  redis.on('close', () => {
    clearInterval(loading)
    if (isThere) logger.warn('lost the connection to Redis')
    isThere = false
  })
  redis.on('error', (err: Error) => {
    if (redis.status === 'ready' || err.message === lastReason) return
    lastReason = err.message
    logger.warn({ err }, 'Redis cannot be connected to; trying again')
  })
}

async function logLoading(redis: RedisClient, logger: Logger): Promise<void> {
  const loadedPercent = await readLoading(redis).catch(() => null)
  if (loadedPercent !== null) logger.info({ loadedPercent }, 'Redis loads its file; waiting for it')
}

function withListener(redis: Redis): Redis {
  // Without a listener ioredis prints every failed attempt; the state of the connection is asked for where it counts.
  redis.on('error', () => {})
  return redis
}

function connectionOptions(given: Address, connectionName: string): ConnectionOptions {
  const address = typeof given === 'string' ? redisAt(given) : given
  const { username, password, db, tls } = address
  return {
    connectionName,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    db,
    ...placeOptions(address),
    ...(tls === null ? {} : { tls }),
    connectTimeout: 2_000,
    disconnectTimeout: 500,
    keepAlive: 10_000,
    retryStrategy: backOffMs,
    maxLoadingRetryTime: AGAIN_WITHIN_MS,
    reconnectOnError: isDemotion,
    // Who subscribes does so at every 'ready'. ioredis' own attempt fails unheard where the connection is closed meanwhile.
    autoResubscribe: false,
  }
}

function placeOptions({ at, tls }: RedisAddress): ConnectionOptions {
  if ('host' in at) return at
  return {
    sentinels: at.sentinels,
    name: at.master,
    ...(at.username === undefined ? {} : { sentinelUsername: at.username }),
    ...(at.password === undefined ? {} : { sentinelPassword: at.password }),
    ...(tls === null ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }),
    sentinelCommandTimeout: 1_000,
    sentinelRetryStrategy: backOffMs,
  }
}

function backOffMs(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 5), AGAIN_WITHIN_MS)
}

/**
 * What a server answers that is not the primary any more: the connection is made anew, to whoever is. `true` leaves the
 * command failed; ioredis' 2 would give it again, and whoever gave it must judge that.
 */
function isDemotion({ message }: Error): boolean {
  return /\bREADONLY\b|^MASTERDOWN|^UNBLOCKED/.test(message)
}
