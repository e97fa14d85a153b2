import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { converterConfigSchema } from '@wsg/converter/src/config.ts'
import { gatewayConfig } from '@wsg/gateway/src/config.ts'
import { commonConfig } from '@wsg/shared/config/common.ts'
import { readConfig, wholeNumber } from '@wsg/shared/config/read-config.ts'
import { redisFaults } from '@wsg/shared/config/redis-config.ts'
import { type RedisAddress, redisAddress } from '@wsg/shared/redis/connection/redis-address.ts'
import type { SandboxChoice } from '@wsg/worker/src/whatsapp/browser/isolation.ts'
import type { World } from '@wsg/worker/src/whatsapp/browser/profile.ts'
import { workerConfigSchema } from '@wsg/worker/src/worker-config.ts'
import { z } from 'zod'

const ROOT = join(import.meta.dirname, '..')
const MB = 1024 * 1024
/** Left to the system, the gateway and Redis. */
const RESERVED_BYTES = 1024 * MB
/** What the usage guide says one session takes. */
const SESSION_BYTES = 512 * MB

/** All that is read on one machine: the supervisor's own variables, and those of the programs that it starts. */
export const localConfigSchema = z.object({
  ...workerConfigSchema.shape,
  CONVERSION_SECONDS: converterConfigSchema.shape.CONVERSION_SECONDS,
  ...gatewayConfig.shape,
  REDIS_URL: commonConfig.REDIS_URL.describe(
    `${commonConfig.REDIS_URL.description} \`npm start\` runs a Redis of its own where neither is set; containers need one.`,
  ),
  DATA_DIR: z
    .string()
    .optional()
    .describe(
      'Folder for everything that is kept: `.data`, or `.data-sandbox`, where it is not set; `/app` in containers.',
    ),
  MAX_SESSIONS: wholeNumber(1, 1_000)
    .optional()
    .describe('How many sessions run at once on this machine. (memory - 1 GB) / 512 MB where it is not set.'),
})

export interface LocalConfig {
  world: World
  host: string
  port: number
  apiToken: string | null
  /** null where this start is to run a Redis of its own. */
  redis: RedisAddress | null
  /** Absolute. */
  dataDir: string
  /** True for the default folder, which nobody but this start uses. */
  isOwnFolder: boolean
  maxSessions: number
  /** Browsers that may start at the same time. */
  maxStarts: number
  leaseTtlMs: number
  /** Where files are converted; null where this start is to find out. */
  converterUrl: string | null
  /** What decides how a worker starts Chromium. */
  chromium: { executablePath: string | undefined; chromiumArgs: readonly string[]; sandbox: SandboxChoice }
  /** What the programs inherit: the process' environment, with `.env` beneath it in the real world. */
  environment: NodeJS.ProcessEnv
}

/**
 * Reads the environment, and in the real world the file `.env` beneath it (compose reads the same file). The
 * sandbox does not read `.env`: what it says of Redis, data and token belongs to the real world.
 * @throws ConfigError naming every fault at once
 */
export function readLocalConfig(world: World, given: NodeJS.ProcessEnv, root = ROOT): LocalConfig {
  const environment = { ...(world === 'real' ? readDotEnv(root) : {}), ...given }
  const config = readConfig(localConfigSchema, environment, localRedisFaults)
  return {
    world,
    host: config.HOST,
    port: config.PORT,
    apiToken: config.API_TOKEN ?? null,
    redis: isRedisGiven(config) ? redisAddress(config) : null,
    dataDir: resolve(root, config.DATA_DIR ?? (world === 'sandbox' ? '.data-sandbox' : '.data')),
    isOwnFolder: config.DATA_DIR === undefined,
    maxSessions: config.MAX_SESSIONS ?? defaultMaxSessions(machineMemoryBytes()),
    maxStarts: availableParallelism(),
    leaseTtlMs: config.LEASE_TTL_MS,
    converterUrl: config.CONVERTER_URL ?? null,
    chromium: {
      executablePath: config.PUPPETEER_EXECUTABLE_PATH,
      chromiumArgs: config.CHROMIUM_ARGS,
      sandbox: config.CHROMIUM_SANDBOX,
    },
    environment,
  }
}

/** How many sessions a machine carries; at least one. */
export function defaultMaxSessions(memoryBytes: number): number {
  return Math.max(1, Math.floor((memoryBytes - RESERVED_BYTES) / SESSION_BYTES))
}

/** The memory that this process may use: the machine's, or the container's where that is less. */
function machineMemoryBytes(): number {
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

/** What `.env` says of the Redis of the containers, its password for one, is no fault where this start runs its own. */
function localRedisFaults(given: Readonly<Record<string, string>>): string[] {
  return isRedisGiven(given) ? redisFaults(given) : []
}

function isRedisGiven(given: { REDIS_URL?: unknown; REDIS_SENTINELS?: unknown }): boolean {
  return given.REDIS_URL !== undefined || given.REDIS_SENTINELS !== undefined
}

function readDotEnv(root: string): NodeJS.ProcessEnv {
  try {
    return parseEnv(readFileSync(join(root, '.env'), 'utf8')) as NodeJS.ProcessEnv
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}
