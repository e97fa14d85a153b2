import { join } from 'node:path'
import { workerConfigSchema } from '@wsg/worker/src/worker-config.ts'
import type { Run } from './data-folder.ts'
import type { LocalConfig } from './local-config.ts'

type Settled = Pick<LocalConfig, 'environment' | 'host' | 'world'> & Pick<Run, 'dataDir' | 'token'>

/** What a worker and its browser may take: no kernel keeps a worker of this machine under it. */
const MEMORY_LIMIT_MB = '512'

/** Variables of the operating system, of Node and of the libraries that workers and their browsers are made of. */
const OF_THE_SYSTEM =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_[A-Z]+|TZ|TMPDIR|LD_LIBRARY_PATH|MALLOC_ARENA_MAX|NODE_(OPTIONS|EXTRA_CA_CERTS|COMPILE_CACHE|V8_COVERAGE)|(XDG|FONTCONFIG|DBUS|PUPPETEER|SSL_CERT)_[A-Z_]+)$/

/**
 * Node keeps the types it stripped and the code it compiled, so that the next process needs no compiler for it: a third less
 * processor time at the start of a gateway and a converter, 10 MB less in a worker.
 */
export function compileCache(dataDir: string): NodeJS.ProcessEnv {
  return { NODE_COMPILE_CACHE: join(dataDir, 'compile-cache') }
}

/**
 * What the gateway reads: the given environment, with what this start has settled on top.
 * @param urls of the simulator, in the sandbox, and of this machine's own converter, where it has one
 */
export function gatewayEnvironment(
  { environment, host, world, dataDir, token }: Settled,
  urls: { simulator?: string | undefined; converter?: string | undefined } = {},
): NodeJS.ProcessEnv {
  return {
    ...compileCache(dataDir),
    ...environment,
    HOST: host,
    DATA_DIR: dataDir,
    WORLD: world,
    API_TOKEN: token,
    // Where it was read from: both at once would be a fault.
    API_TOKEN_FILE: undefined,
    // Outside of the sandbox there are no simulated phones, whatever was given.
    SIMULATOR_URL: urls.simulator,
    CONVERTER_URL: urls.converter ?? environment.CONVERTER_URL,
  }
}

/**
 * What a worker reads, and what Node and Chromium do; nothing else of the operator's environment, tokens above all.
 * @param chromiumArgs what leads Chromium to the simulator, in front of the given arguments
 */
export function workerEnvironment(settled: Settled, chromiumArgs: readonly string[] = []): NodeJS.ProcessEnv {
  const { environment } = settled
  const read = new Set(Object.keys(workerConfigSchema.shape).flatMap((name) => [name, `${name}_FILE`]))
  const needed = ([name]: [string, unknown]) => read.has(name) || OF_THE_SYSTEM.test(name)
  return {
    // glibc would keep a heap of its own for every thread.
    MALLOC_ARENA_MAX: '1',
    ...Object.fromEntries(Object.entries(gatewayEnvironment(settled)).filter(needed)),
    ...(environment.MEMORY_LIMIT_MB || environment.MEMORY_LIMIT_MB_FILE ? {} : { MEMORY_LIMIT_MB }),
    CHROMIUM_ARGS: joinChromiumArgs(chromiumArgs, environment.CHROMIUM_ARGS ?? ''),
  }
}

/** As CHROMIUM_ARGS wants them: quoted where they hold a space. */
export function joinChromiumArgs(first: readonly string[], given: string): string {
  return [...first.map((arg) => (/\s/.test(arg) ? `'${arg}'` : arg)), given].filter(Boolean).join(' ')
}
