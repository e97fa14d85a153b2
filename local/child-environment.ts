import { join } from 'node:path'
import { gatewayConfig } from '@wsg/gateway/src/config.ts'
import { workerConfigSchema } from '@wsg/worker/src/worker-config.ts'
import type { Run } from './data-folder.ts'
import type { LocalConfig } from './local-config.ts'

type Settled = Pick<LocalConfig, 'environment' | 'host' | 'world'> & Pick<Run, 'dataDir' | 'token'>

/** What a worker and its browser may take: no kernel keeps a worker of this machine under it. */
const MEMORY_LIMIT_MB = '512'

/** What the gateway reads: the given environment, with what this start has settled on top. */
export function gatewayEnvironment({ environment, host, world, dataDir, token }: Settled): NodeJS.ProcessEnv {
  return {
    ...environment,
    HOST: host,
    DATA_DIR: dataDir,
    WORLD: world,
    API_TOKEN: token,
    // Where it was read from: both at once would be a fault.
    API_TOKEN_FILE: undefined,
  }
}

/**
 * What a worker reads: the same without what only the gateway reads, tokens above all.
 * @param chromiumArgs what leads Chromium to the simulator, in front of the given arguments
 */
export function workerEnvironment(settled: Settled, chromiumArgs: readonly string[] = []): NodeJS.ProcessEnv {
  const { environment, dataDir } = settled
  const gatewayOnly = Object.keys(gatewayConfig.shape).filter((name) => !(name in workerConfigSchema.shape))
  const withheld = new Set(gatewayOnly.flatMap((name) => [name, `${name}_FILE`]))
  return {
    // Node keeps the types it stripped and the code it compiled, so that the next worker needs no compiler for it: 10 MB
    // less. glibc would keep a heap of its own for every thread.
    MALLOC_ARENA_MAX: '1',
    NODE_COMPILE_CACHE: join(dataDir, 'compile-cache'),
    ...Object.fromEntries(
      Object.entries(gatewayEnvironment(settled)).filter(([name]) => !withheld.has(name)),
    ),
    ...(environment.MEMORY_LIMIT_MB || environment.MEMORY_LIMIT_MB_FILE ? {} : { MEMORY_LIMIT_MB }),
    CHROMIUM_ARGS: joinChromiumArgs(chromiumArgs, environment.CHROMIUM_ARGS ?? ''),
  }
}

/** As CHROMIUM_ARGS wants them: quoted where they hold a space. */
export function joinChromiumArgs(first: readonly string[], given: string): string {
  return [...first.map((arg) => (/\s/.test(arg) ? `'${arg}'` : arg)), given].filter(Boolean).join(' ')
}
