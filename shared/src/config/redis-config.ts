import { createPrivateKey, X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { wholeNumber } from './read-config.ts'

const PEM = 'must be PEM text that can be read:'

/** How the programs find Redis and get in. `redisFaults` says what these variables must not be together. */
export const redisConfig = {
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// address' })
    .refine(
      isPlainAddress,
      'must be redis[s]://[user:password@]host[:port][/database number], percent-encoded',
    )
    .optional()
    .describe(
      'Address of Redis; `rediss://` for TLS. User, password and number of the database may stand in it. With `REDIS_SENTINELS` its host and port are not used, and all of it may be left out.',
    ),
  REDIS_USERNAME: z
    .string()
    .optional()
    .describe('User of Redis (ACL), in place of one in `REDIS_URL`. Without any it is the default user.'),
  REDIS_PASSWORD: z.string().optional().describe('Password of Redis, in place of one in `REDIS_URL`.'),
  REDIS_SENTINELS: z
    .string()
    .transform((text, context) => {
      const endpoints = parseEndpoints(text)
      if (endpoints !== null) return endpoints
      context.addIssue({ code: 'custom', message: 'must be host:port,host:port, without spaces' })
      return z.NEVER
    })
    .optional()
    .describe('The Sentinels, `host:port,host:port`. They are asked where the primary is, at every connect.'),
  REDIS_SENTINEL_MASTER: z
    .string()
    .default('mymaster')
    .describe('The name by which the Sentinels know the primary.'),
  REDIS_SENTINEL_USERNAME: z
    .string()
    .optional()
    .describe('User of the Sentinels (ACL), where they have one.'),
  REDIS_SENTINEL_PASSWORD: z.string().optional().describe('Password of the Sentinels, where they have one.'),
  REDIS_TLS_CA: z
    .string()
    .refine((text) => isReadable(() => new X509Certificate(text)), `${PEM} a certificate`)
    .optional()
    .describe(
      'Certificate of who signed the certificates of Redis and its Sentinels (PEM); the well-known ones without it.',
    ),
  REDIS_TLS_CERT: z
    .string()
    .refine((text) => isReadable(() => new X509Certificate(text)), `${PEM} a certificate`)
    .optional()
    .describe('Our own certificate, where Redis asks its clients for one (PEM).'),
  REDIS_TLS_KEY: z
    .string()
    .refine((text) => isReadable(() => createPrivateKey(text)), `${PEM} a private key`)
    .optional()
    .describe('The key of `REDIS_TLS_CERT` (PEM, not encrypted).'),
  REDIS_MIN_REPLICAS: wholeNumber(0, 10)
    .default(0)
    .describe(
      'On how many replicas of Redis a message, an intent to send, an event and a lease must be before they count. What is not confirmed there is answered 503, or not sent.',
    ),
}

export type RedisConfig = z.infer<z.ZodObject<typeof redisConfig>>

/**
 * What is wrong with the given variables together. Never names a value.
 * @param given variables as text, absent where they are not set
 */
export function redisFaults(given: Readonly<Record<string, string>>): string[] {
  const faults: string[] = []
  const { REDIS_URL: url, REDIS_SENTINELS: sentinels } = given
  if (url === undefined && sentinels === undefined) faults.push('REDIS_URL: must be set (or REDIS_SENTINELS)')
  if (sentinels === undefined) {
    for (const name of ['REDIS_SENTINEL_USERNAME', 'REDIS_SENTINEL_PASSWORD'])
      if (given[name] !== undefined) faults.push(`${name}: is of no use without REDIS_SENTINELS`)
  }
  if (url === undefined || url.startsWith('redis://')) {
    for (const name of ['REDIS_TLS_CA', 'REDIS_TLS_CERT', 'REDIS_TLS_KEY'])
      if (given[name] !== undefined)
        faults.push(`${name}: is of no use unless REDIS_URL begins with rediss://`)
  }
  for (const [one, other] of [
    ['REDIS_TLS_CERT', 'REDIS_TLS_KEY'],
    ['REDIS_TLS_KEY', 'REDIS_TLS_CERT'],
  ] as const) {
    if (given[one] !== undefined && given[other] === undefined)
      faults.push(`${one}: needs ${other} beside it`)
  }
  return faults
}

/** Also for what is no address at all, which is another fault. */
function isPlainAddress(text: string): boolean {
  if (!URL.canParse(text)) return true
  const { hostname, pathname, search, hash, username, password } = new URL(text)
  const isDecodable = isReadable(() => [username, password].map(decodeURIComponent))
  return hostname !== '' && /^\/?\d*$/.test(pathname) && search === '' && hash === '' && isDecodable
}

function parseEndpoints(text: string): { host: string; port: number }[] | null {
  const endpoints = text.split(',').map((part) => {
    // An IPv6 address stands in brackets.
    const [, inBrackets, plain, port = ''] =
      /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/@]+)):(\d{1,5})$/.exec(part) ?? []
    return { host: inBrackets ?? plain ?? '', port: Number(port) }
  })
  return endpoints.every(({ host, port }) => host !== '' && port > 0 && port < 65_536) ? endpoints : null
}

function isReadable(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch {
    return false
  }
}
