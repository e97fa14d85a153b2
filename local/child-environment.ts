import type { LocalConfig } from './local-config.ts'
import type { Run } from './open-data.ts'
import { joinChromiumArgs } from './simulator-process.ts'

/**
 * What gateway and workers read: the given environment, with what this start has settled on top.
 * @param chromiumArgs what leads Chromium to the simulator, in front of the given arguments
 */
export function childEnvironment(
  { environment, host, world }: LocalConfig,
  { dataDir, token }: Pick<Run, 'dataDir' | 'token'>,
  chromiumArgs: readonly string[] = [],
): NodeJS.ProcessEnv {
  return {
    ...environment,
    HOST: host,
    DATA_DIR: dataDir,
    WORLD: world,
    API_TOKEN: token,
    // Where it was read from: both at once would be a fault.
    API_TOKEN_FILE: undefined,
    CHROMIUM_ARGS: joinChromiumArgs(chromiumArgs, environment.CHROMIUM_ARGS ?? ''),
  }
}
