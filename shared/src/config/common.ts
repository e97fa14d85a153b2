import { z } from 'zod'
import { wholeNumber } from './read-config.ts'
import { redisConfig } from './redis-config.ts'

/** The variables that both programs read. The configuration table of the README is made from the descriptions. */
export const commonConfig = {
  ...redisConfig,
  DATA_DIR: z
    .string()
    .default('/app')
    .describe(
      'Where profiles and files are kept: in the folders .wwebjs_auth and media below it. Gateways and workers share media.',
    ),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be one of fatal, error, warn, info, debug, trace, silent',
    })
    .default('info')
    .describe('How much is logged. Message text, numbers, codes and tokens never are.'),
  LEASE_TTL_MS: wholeNumber(2_000, 120_000)
    .default(10_000)
    .describe("How long a dead worker's session stays reserved (ms). Longer than a failover of Redis."),
  MESSAGE_RETENTION_HOURS: wholeNumber(1, 8_760)
    .default(168)
    .describe('How long a message record is kept after its final state (hours).'),
  MEDIA_RETENTION_HOURS: wholeNumber(1, 8_760)
    .default(24)
    .describe(
      'How long a file is kept after it was uploaded, or fetched from WhatsApp, or as long as a message waits with it (hours).',
    ),
  MAX_MEDIA_MB: wholeNumber(1, 2_048)
    .default(100)
    .describe('The largest file that is taken, from callers and from WhatsApp (MB).'),
}
