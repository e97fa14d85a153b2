import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { compileCache } from './child-environment.ts'
import type { Run } from './data-folder.ts'
import { forkProgram, KeptChild } from './kept-child.ts'
import type { LocalConfig } from './local-config.ts'

const MAIN = join(import.meta.dirname, '../converter/src/main.ts')
const PROGRAMS = ['ffmpeg', 'ffprobe', 'heif-convert', 'prlimit', 'setpriv']

/** The programs of a converter that this machine lacks. */
export function missingForConverter({ PATH = '' }: NodeJS.ProcessEnv): string[] {
  const folders = PATH.split(delimiter)
  return PROGRAMS.filter((program) => !folders.some((folder) => existsSync(join(folder, program))))
}

/** Runs the converter; after a fault it comes back on the same port. `ready` is its address. */
export async function startConverter(
  { environment }: LocalConfig,
  { dataDir, log, ledger, note }: Run,
): Promise<KeptChild<string>> {
  return await KeptChild.start<string>({
    name: 'The converter',
    role: 'converter',
    start: (url) => {
      const { LOG_LEVEL, MAX_MEDIA_MB, CONVERSION_SECONDS, PATH, TMPDIR } = environment
      const { NODE_COMPILE_CACHE } = { ...compileCache(dataDir), ...environment }
      const given = { LOG_LEVEL, MAX_MEDIA_MB, CONVERSION_SECONDS, PATH, TMPDIR, NODE_COMPILE_CACHE }
      const at = { HOST: '127.0.0.1', PORT: url === null ? '0' : new URL(url).port }
      return forkProgram(MAIN, [], { ...given, ...at }, ['ignore', log, log, 'ipc'])
    },
    becomesReady: async (converter) => {
      const [{ port }] = (await once(converter, 'message')) as [{ port: number }]
      return `http://127.0.0.1:${port}`
    },
    startLimitMs: 30_000,
    stopLimitMs: 5_000,
    ledger,
    note,
  })
}
