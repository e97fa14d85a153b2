import { ChildLedger } from './child-ledger.ts'
import { lockDataDir } from './data-dir-lock.ts'
import type { LocalConfig } from './local-config.ts'
import { openLog } from './open-log.ts'
import { clearPreviousRun, type DeadOwner } from './previous-run.ts'
import type { RunningParts } from './running-parts.ts'
import { loadToken } from './token.ts'
import { claimFolder } from './world-mark.ts'

/** What every part that is started needs to know of this start. */
export interface Run {
  /** Absolute. */
  dataDir: string
  token: string
  /** The descriptor that programs log to. */
  log: number
  /** Where a person finds the log, null where it is standard error. */
  logFile: string | null
  ledger: ChildLedger
  /** Takes one short line for a person. */
  note: (line: string) => void
  deadOwners: readonly DeadOwner[]
}

/**
 * Takes the data folder for this start alone, and clears what a killed one left running.
 * @throws StartFailure where the folder is another's
 */
export async function openData(
  { dataDir, world, apiToken }: LocalConfig,
  parts: RunningParts,
  note: (line: string) => void,
): Promise<Run> {
  await parts.add(lockDataDir(dataDir))
  claimFolder(dataDir, world)
  const deadOwners = await clearPreviousRun(dataDir)
  const { fd, file } = openLog(dataDir, process.stderr.isTTY)
  return {
    dataDir,
    token: loadToken(dataDir, apiToken),
    log: fd,
    logFile: file,
    ledger: new ChildLedger(dataDir),
    note,
    deadOwners,
  }
}
