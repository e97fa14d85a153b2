import { rm } from 'node:fs/promises'
import { descendants, listProcesses, type ProcessEntry } from '../support/processes.ts'
import { waitFor } from '../support/wait-for.ts'

/**
 * Kills every process below this one, and every one that works in `folder`, and removes the folder. Nothing is left
 * after it, whatever was running.
 * @returns what was still there
 */
export async function sweep(folder: string): Promise<ProcessEntry[]> {
  const found: ProcessEntry[] = []
  await waitFor('everything that was started to be gone', () => {
    const living = stillThere(folder)
    for (const entry of living) {
      if (!found.some(({ pid }) => pid === entry.pid)) found.push(entry)
      try {
        process.kill(entry.pid, 'SIGKILL')
      } catch {
        // it is gone already
      }
    }
    return living.length === 0
  })
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  return found
}

function stillThere(folder: string): ProcessEntry[] {
  const all = listProcesses().filter(({ state }) => state !== 'Z')
  const below = new Set(descendants(all, [process.pid]).map(({ pid }) => pid))
  const works = ({ pid, command }: ProcessEntry) =>
    below.has(pid) || (pid !== process.pid && command.some((word) => word.includes(folder)))
  return all.filter(works)
}
