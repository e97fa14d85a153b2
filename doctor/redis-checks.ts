import { connectForCommands, untilReady } from '@wsg/shared/redis/connection/connect.ts'
import { placeOf } from '@wsg/shared/redis/connection/redis-address.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { readLoading, readServerInfo, redisTime } from '@wsg/shared/redis/connection/server.ts'
import pTimeout from 'p-timeout'
import { type Check, type Examined, type Finding, ok, oneLine } from './check.ts'

const ANSWERS_WITHIN_MS = 4_000
/** Plans and expiries are by Redis' clock, tokens and webhook signatures by the machine's. */
const CLOCK_OFF_MS = 2_000
/** Above it no messages are accepted. */
const FULL_SHARE = 0.8

/** The check that says why Redis does not answer; the others then have nothing to say. */
const REACHED = 'redis'
const OWN_REDIS = 'none is configured: npm start runs one of its own, safely set up'

export const redisChecks: readonly Check[] = [
  withRedis(REACHED, async (redis, place) => {
    const version = field(await readServerInfo(redis, 'server'), 'redis_version')
    return ok(`Redis ${version} answers at ${place}`)
  }),

  withRedis('redis persistence', async (redis) => {
    const info = await readServerInfo(redis, 'persistence')
    if (field(info, 'aof_last_write_status') === 'err' || field(info, 'rdb_last_bgsave_status') === 'err')
      return {
        state: 'failed',
        found: 'Redis could not write its last changes to disk',
        cause: 'Its disk is full, or its folder is not writable.',
        cure: 'Make room on the disk of Redis, or mend the rights of its folder; its log says which.',
      }
    if (field(info, 'aof_enabled') === '1') return ok('it writes every change to its append-only file')
    return {
      state: 'failed',
      found: 'Redis keeps no append-only file',
      cause: 'What it accepted since its last snapshot is lost where it ends, accepted messages with it.',
      cure: 'Set `appendonly yes` and `appendfsync always` (or `everysec`, and a second may be lost), and restart Redis.',
    }
  }),

  withRedis('redis memory', async (redis) => {
    const info = await readServerInfo(redis, 'memory')
    const policy = field(info, 'maxmemory_policy')
    const [used, most] = [Number(field(info, 'used_memory')), Number(field(info, 'maxmemory'))]
    if (policy !== 'noeviction')
      return {
        state: 'failed',
        found: `maxmemory-policy is ${policy}`,
        cause: 'Redis may throw messages and logins away to make room, so that no messages are accepted.',
        cure: 'Set `maxmemory-policy noeviction`, with CONFIG SET and in its configuration file.',
      }
    const megabytes = (bytes: number) => `${Math.round(bytes / 1_048_576)} MB`
    if (most > 0 && used > most * FULL_SHARE)
      return {
        state: 'failed',
        found: `${megabytes(used)} of ${megabytes(most)} are used`,
        cause: 'Above 80 % no messages are accepted, so that what was accepted can still be sent.',
        cure: 'Raise `maxmemory`, or lower MESSAGE_RETENTION_HOURS and EVENT_RETENTION_HOURS.',
      }
    return ok(
      `nothing is evicted; ${megabytes(used)} of ${most > 0 ? megabytes(most) : 'any amount'} are used`,
    )
  }),

  withRedis('clock', async (redis) => {
    const before = Date.now()
    const theirs = await redisTime(redis)
    const off = theirs - (before + Date.now()) / 2
    if (Math.abs(off) <= CLOCK_OFF_MS) return ok('this machine and Redis have the same time')
    const seconds = Math.round(Math.abs(off) / 1_000)
    return {
      state: 'warning',
      found: `Redis' clock is ${seconds} s ${off > 0 ? 'ahead of' : 'behind'} this machine's`,
      cause: 'Scheduled messages go out by the one, QR codes and tokens expire by the other.',
      cure: 'Let both machines take their time from NTP (`timedatectl set-ntp true`).',
    }
  }),
]

function withRedis(name: string, look: (redis: RedisClient, place: string) => Promise<Finding>): Check {
  return {
    name,
    run: async ({ config: { redis: address } }: Examined) => {
      if (address === null) return ok(OWN_REDIS)
      const redis = connectForCommands(address, 'doctor')
      const place = placeOf(address)
      let said = ''
      redis.on('error', (error) => {
        said = error.message || String((error as NodeJS.ErrnoException).code)
      })
      try {
        await pTimeout(untilReady(redis), { milliseconds: ANSWERS_WITHIN_MS })
      } catch {
        const loadedPercent = await readLoading(redis).catch(() => null)
        redis.disconnect()
        if (name !== REACHED) return { state: 'unknown', found: 'not looked at, since Redis does not answer' }
        if (loadedPercent !== null) return loading(loadedPercent, place)
        return { state: 'failed', found: `Redis does not answer at ${place}`, ...whyNot(said) }
      }
      try {
        return await look(redis, place)
      } catch (error) {
        return { state: 'unknown', found: `not looked at, since Redis says: ${oneLine(error)}` }
      } finally {
        redis.disconnect()
      }
    },
  }
}

function loading(percent: number, place: string): Finding {
  return {
    state: 'failed',
    found: `Redis at ${place} loads its file: ${percent} % so far`,
    cause: 'It serves nobody before it has loaded what it had written down, or what its primary sends.',
    cure: 'Wait: gateways, workers and npm start do so too, and go on by themselves.',
  }
}

/** By what the connection ended with, the first that fits. */
const refusals: readonly { sign: RegExp; cause: string; cure: string }[] = [
  {
    sign: /WRONGPASS|NOAUTH|NOPERM|invalid password|AUTH/,
    cause: 'It refuses the user or password',
    cure: 'Compare REDIS_URL and REDIS_PASSWORD with `requirepass` or the ACL of Redis: `redis-cli -u "$REDIS_URL" ping`.',
  },
  {
    sign: /ECONNREFUSED/,
    cause: 'Nothing listens there',
    cure: 'Start Redis, or name its host and port in REDIS_URL.',
  },
  {
    sign: /ENOTFOUND|EAI_AGAIN/,
    cause: 'The name of its host is not known here',
    cure: 'Mend the host in REDIS_URL, or the DNS of this machine.',
  },
  {
    sign: /timed out|TIMEDOUT|^$/,
    cause: 'It is silent',
    cure: 'Look at its log, at firewalls in between, and whether REDIS_URL is right about TLS (`rediss://`).',
  },
  {
    sign: /./,
    cause: 'It cannot be talked to',
    cure: 'Look at its log, and try it from here: `redis-cli -u "$REDIS_URL" ping`.',
  },
]

function whyNot(said: string): { cause: string; cure: string } {
  const [{ cause, cure }] = refusals.filter(({ sign }) => sign.test(said)) as [(typeof refusals)[number]]
  return { cause: said === '' ? `${cause}.` : `${cause}: ${oneLine(said)}`, cure }
}

function field(info: string, name: string): string {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? ''
}
