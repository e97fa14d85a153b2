import { readLedger } from './child-ledger.ts'
import { killGroups } from './process-group.ts'
import { isRunning, readBootId } from './process-identity.ts'
import { StartFailure } from './start-failure.ts'

/** A worker of the previous run that is dead for certain, its browser too, and what it owned. */
export interface DeadOwner {
  workerId: string
  sessionId: string
}

/**
 * Ends what a killed supervisor may have left running (a paused worker, say, with its browser) and names the
 * owners that are dead for certain, whose leases need not run out. Only for who holds the folder's lock. A
 * process is touched only where boot, number and start time are those on record.
 * @throws StartFailure where something does not end
 */
export async function clearPreviousRun(dataDir: string): Promise<DeadOwner[]> {
  const ledger = readLedger(dataDir)
  // After another boot, or on another machine, nothing that is on record can be told from a stranger.
  if (ledger === null || ledger.bootId !== readBootId()) return []
  const left = ledger.children.filter(isRunning)
  if (!(await killGroups(left))) {
    throw new StartFailure(
      `Processes of the previous run do not end: ${left.map(({ role, pid }) => `${role} ${pid}`).join(', ')}.`,
    )
  }
  return ledger.children.flatMap(({ workerId, sessionId }) =>
    workerId === undefined || sessionId === undefined ? [] : [{ workerId, sessionId }],
  )
}
