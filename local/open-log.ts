import { mkdirSync, openSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'

const MAX_BYTES = 20 * 1024 * 1024

export interface LogTarget {
  /** The descriptor that children write to themselves, so that their log never waits for this process. */
  fd: number
  /** Where a person finds it; null where it is standard error. */
  file: string | null
}

/**
 * Where the programs' logs go. On a terminal they would bury the banner: there they go to a file in the data
 * folder. Under a service or a test they go to standard error, for who started this to collect.
 */
export function openLog(dataDir: string, onTerminal: boolean): LogTarget {
  if (!onTerminal) return { fd: 2, file: null }
  const folder = join(dataDir, 'logs')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'gateway.log')
  if (sizeOf(file) > MAX_BYTES) renameSync(file, `${file}.1`)
  return { fd: openSync(file, 'a', 0o600), file }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
