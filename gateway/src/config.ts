import { bucketFaults, commonConfig } from '@wsg/shared/config/common.ts'
import { readConfig, wholeNumber } from '@wsg/shared/config/read-config.ts'
import { redisFaults } from '@wsg/shared/config/redis-config.ts'
import { parseNetworks } from '@wsg/shared/net/address-guard.ts'
import { z } from 'zod'
import { apiTokensSchema } from './access/environment-tokens.ts'

const NO_TOKEN = 'must be set (or API_TOKENS): without a token nobody could be told from anybody'

const apiToken = z.string({ error: NO_TOKEN }).regex(/^[\x21-\x7e]{16,512}$/, {
  error:
    'must be 16 to 512 visible ASCII characters without spaces, such as the output of: openssl rand -hex 32',
})

const networks = z.string().transform((text, context) => {
  try {
    return parseNetworks(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'must be networks such as 10.0.0.0/8,fd00::/8' })
    return z.NEVER
  }
})

/** What the gateway reads from its environment. The configuration table of the README is made from the descriptions. */
export const gatewayConfig = z.object({
  ...commonConfig,
  HOST: z.string().default('127.0.0.1').describe('Address on which the gateway listens.'),
  PORT: wholeNumber(0, 65_535).default(3000).describe('Port of the gateway; 0 takes any free one.'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .describe(
      'The address under which callers reach this API, such as https://example.org/wa. Set, the links in events are whole addresses; else they are paths.',
    ),
  API_TOKEN: apiToken.optional().describe('A token with every right, for callers of the API.'),
  API_TOKENS: apiTokensSchema
    .optional()
    .describe(
      'Further tokens as a JSON list of {name, sha256, role: admin|operator|sender|viewer, sessions?: [ids or patterns]}; sha256 is the digest of the token. Others are issued by POST /tokens.',
    ),
  MAX_UNPAIRED: wholeNumber(1, 100_000)
    .default(20)
    .describe('How many sessions may wait for their first QR scan at once.'),
  MAX_QUEUED: wholeNumber(1, 10_000_000)
    .default(100_000)
    .describe('How many messages of one session may wait to be sent.'),
  SEND_WAIT_MS: wholeNumber(0, 120_000)
    .default(20_000)
    .describe("How long POST /send waits for WhatsApp's ack before it answers 202 (ms)."),
  REDIS_EVICTION: z
    .enum(['refuse', 'allow'], { error: 'must be refuse or allow' })
    .default('refuse')
    .describe(
      'What happens while the `maxmemory-policy` of Redis is not `noeviction`: `refuse` takes no messages, `allow` takes them, though Redis may drop them unsent.',
    ),
  MAX_CONNECTIONS: wholeNumber(10, 1_000_000)
    .default(5_000)
    .describe('How many connections a gateway holds at once; further ones are closed at once.'),
  EVENT_RETENTION_HOURS: wholeNumber(1, 8_760)
    .default(72)
    .describe('How long events are kept for whoever has not read them yet (hours).'),
  MEDIA_ALLOW: networks
    .default([])
    .describe(
      'Private networks, `10.0.0.0/8,172.18.0.0/16`, from which files may be fetched. Public addresses always may, link-local and metadata addresses never.',
    ),
  CONVERTER_URL: z
    .url({ protocol: /^http$/, error: 'must be an http:// address' })
    .optional()
    .describe(
      'Where files are converted that WhatsApp does not take as they are, `http://converter:3100`. `npm start` runs a converter of its own where ffmpeg is installed. Without one such files are refused.',
    ),
  WEBHOOK_ALLOW: networks
    .default([])
    .describe(
      'Private networks, `10.0.0.0/8,172.18.0.0/16`, to which webhooks of tokens for single sessions may go. A token for all sessions may name any private address; link-local and metadata addresses nobody.',
    ),
  SIMULATOR_URL: z
    .url({ protocol: /^http$/, error: 'must be an http:// address' })
    .optional()
    .describe(
      'Set in the sandbox alone: where its simulated phones are reached. The dashboard then lets one scan a code, and write.',
    ),
  METRICS: z
    .enum(['on', 'token', 'off'], { error: 'must be on, token or off' })
    .default('token')
    .describe(
      'Who may read /metrics: `token` whoever has a token for all sessions, `on` everybody who reaches the port, who is then told of no single worker or webhook, `off` nobody. It names no number or text, and sessions only where their webhooks are behind.',
    ),
})

export type GatewayConfig = z.infer<typeof gatewayConfig>

/**
 * Reads the gateway's configuration.
 * @throws ConfigError naming every fault at once, no token at all included
 */
export function readGatewayConfig(environment: NodeJS.ProcessEnv): GatewayConfig {
  return readConfig(gatewayConfig, environment, (given) => [
    ...redisFaults(given),
    ...bucketFaults(given),
    ...(given.API_TOKEN === undefined && given.API_TOKENS === undefined ? [`API_TOKEN: ${NO_TOKEN}`] : []),
  ])
}
