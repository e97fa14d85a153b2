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
  MEDIA_QUOTA_MB: wholeNumber(1, 1_000_000_000)
    .optional()
    .describe(
      'How much the store of files may hold (MB); what comes beyond it is refused with 507. Measured once a minute, so that it may be exceeded a little. No limit where it is not set.',
    ),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be the http or https address of a collector' })
    .optional()
    .describe(
      'An OpenTelemetry collector (OTLP over HTTP, `http://collector:4318`), to which the way of each message is sent as one trace. Nothing is traced where it is not set.',
    ),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .transform((text, context) => {
      const pairs = text.split(',').map((pair) => /^\s*([^=\s]+)=(.*)$/.exec(pair))
      if (!pairs.includes(null))
        return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', decodeURIComponent(pair?.[2] ?? '')]))
      context.addIssue({ code: 'custom', message: 'must be like name=value,name=value' })
      return z.NEVER
    })
    .optional()
    .describe('Headers for the collector, `authorization=Bearer%20…`, separated by commas.'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number('must be a number')
    .min(0, 'must be at least 0')
    .max(1, 'must be at most 1')
    .default(1)
    .describe('How many of the traces that no caller began are sent: 1 all, 0.1 a tenth.'),
  MEDIA_BUCKET: z
    .url({ protocol: /^https?$/, error: 'must be the http or https address of a bucket' })
    .optional()
    .describe(
      'An S3-compatible bucket for the files of messages, by its own address: `https://s3.example.org/bucket`. Where it is not set they are in the folder media below `DATA_DIR`, which gateways and workers share then; with a bucket that folder only holds copies.',
    ),
  MEDIA_BUCKET_REGION: z
    .string()
    .default('auto')
    .describe("The bucket's region, where its service has such."),
  MEDIA_BUCKET_KEY_ID: z.string().optional().describe('Names the key for the bucket.'),
  MEDIA_BUCKET_SECRET: z
    .string()
    .optional()
    .describe(
      'The secret of that key. It may read, write, list and delete in this bucket, and needs no more.',
    ),
}

export type CommonConfig = z.infer<z.ZodObject<typeof commonConfig>>

/** What is wrong with the variables of the bucket as a whole. */
export function bucketFaults(given: Readonly<Record<string, string>>): string[] {
  if (given.MEDIA_BUCKET === undefined) return []
  const missing = ['MEDIA_BUCKET_KEY_ID', 'MEDIA_BUCKET_SECRET'].filter((name) => given[name] === undefined)
  return missing.map((name) => `${name}: must be set where MEDIA_BUCKET is`)
}
