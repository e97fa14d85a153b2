import { setTimeout as pause } from 'node:timers/promises'
import { groupIsRunning, isSomeoneElse, type ProcessIdentity } from './process-identity.ts'

const LOOK_EVERY_MS = 20

/** Sends a signal to the group that this process leads or led. Nothing happens where the number is someone else's. */
export function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals): void {
  if (isSomeoneElse(leader)) return
  try {
    process.kill(-leader.pid, signal)
  } catch {
    // nothing of the group is left
  }
}

/**
 * Kills whole groups and waits until nothing of them runs.
 * @returns false where something survived `timeoutMs`, as a process in uninterruptible sleep does
 */
export async function killGroups(leaders: readonly ProcessIdentity[], timeoutMs = 10_000): Promise<boolean> {
  const end = performance.now() + timeoutMs
  for (;;) {
    const left = leaders.filter((leader) => !isSomeoneElse(leader) && groupIsRunning(leader.pid))
    if (left.length === 0) return true
    if (performance.now() > end) return false
    for (const leader of left) signalGroup(leader, 'SIGKILL')
    await pause(LOOK_EVERY_MS)
  }
}
