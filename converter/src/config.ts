import { commonConfig } from '@wsg/shared/config/common.ts'
import { readConfig, wholeNumber } from '@wsg/shared/config/read-config.ts'
import { z } from 'zod'

/** What the converter reads from its environment. The configuration table of the README is made from the descriptions. */
export const converterConfigSchema = z.object({
  HOST: z.string().default('127.0.0.1').describe('Address on which it listens.'),
  PORT: wholeNumber(0, 65_535).default(3100).describe('Its port; 0 takes any free one.'),
  LOG_LEVEL: commonConfig.LOG_LEVEL,
  MAX_MEDIA_MB: commonConfig.MAX_MEDIA_MB,
  CONVERSION_SECONDS: wholeNumber(1, 90)
    .default(60)
    .describe('How long one file may take to be converted (seconds); one that takes longer is refused.'),
})
export type ConverterConfig = z.infer<typeof converterConfigSchema>

/** @throws ConfigError naming every fault at once */
export function readConverterConfig(environment: NodeJS.ProcessEnv): ConverterConfig {
  return readConfig(converterConfigSchema, environment)
}
