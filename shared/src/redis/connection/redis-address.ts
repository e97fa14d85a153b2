import type { RedisConfig } from '../../config/redis-config.ts'

interface Endpoint {
  host: string
  port: number
}

/** Where Redis is, and how to get in. Made in one place, from the configuration. */
export interface RedisAddress {
  /** The server itself, or the Sentinels that know which one is the primary. */
  at: Endpoint | SentinelSet
  username?: string
  password?: string
  db: number
  /** PEM texts; null for a connection without TLS. It goes for the Sentinels as well. */
  tls: { ca?: string; cert?: string; key?: string } | null
}

interface SentinelSet {
  sentinels: Endpoint[]
  /** The name by which they know the primary. */
  master: string
  username?: string
  password?: string
}

const DEFAULT_PORT = 6379

/** REDIS_URL says how, and where as well unless REDIS_SENTINELS does; the single variables take the place of its parts. */
export function redisAddress(config: RedisConfig): RedisAddress {
  const url = new URL(config.REDIS_URL ?? 'redis://sentinel')
  const username = config.REDIS_USERNAME ?? decodeURIComponent(url.username)
  const password = config.REDIS_PASSWORD ?? decodeURIComponent(url.password)
  const tls = { ca: config.REDIS_TLS_CA, cert: config.REDIS_TLS_CERT, key: config.REDIS_TLS_KEY }
  return {
    at: config.REDIS_SENTINELS === undefined ? endpointOf(url) : sentinelSet(config, config.REDIS_SENTINELS),
    ...present({ username, password }),
    db: Number(url.pathname.slice(1)),
    tls: url.protocol === 'rediss:' ? present(tls) : null,
  }
}

/** The address that is a bare URL, as a Redis of our own has it. */
export function redisAt(url: string): RedisAddress {
  return redisAddress({ REDIS_URL: url, REDIS_SENTINEL_MASTER: '', REDIS_MIN_REPLICAS: 0 })
}

/** For a person, without user and password. */
export function placeOf({ at }: RedisAddress): string {
  if ('host' in at) return `${at.host}:${at.port}`
  return `${at.master} of the Sentinels ${at.sentinels.map(({ host, port }) => `${host}:${port}`).join(', ')}`
}

function endpointOf(url: URL): Endpoint {
  // Brackets around an IPv6 address belong to the URL.
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || DEFAULT_PORT) }
}

function sentinelSet(config: RedisConfig, sentinels: Endpoint[]): SentinelSet {
  const { REDIS_SENTINEL_USERNAME: username, REDIS_SENTINEL_PASSWORD: password } = config
  return { sentinels, master: config.REDIS_SENTINEL_MASTER, ...present({ username, password }) }
}

/** Without what is undefined or empty. */
function present<K extends string>(parts: Record<K, string | undefined>): { [P in K]?: string } {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value)) as { [P in K]?: string }
}
