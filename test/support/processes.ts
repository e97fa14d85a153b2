import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessEntry {
  pid: number
  parent: number
  /** One letter as in /proc: R, S, D, T (stopped), Z (zombie). */
  state: string
  command: string[]
}

/** Every process of this machine that can be read, as /proc shows it at this moment. */
export function listProcesses(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').filter(Boolean)
        return [{ pid: Number(name), ...readState(name), command }]
      } catch {
        return [] // it ended while it was read
      }
    })
}

function readState(pid: string): Pick<ProcessEntry, 'state' | 'parent'> {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ') as [string, string]
  return { state, parent: Number(parent) }
}

/**
 * The main Chromium processes on a profile: not its zygotes and renderers, nor what it has just forked and what bears its
 * command line for a moment. Zombies hold nothing and do not count.
 */
export function browsersOn(profilePath: string): ProcessEntry[] {
  const found = listProcesses().filter(
    ({ command, state }) =>
      state !== 'Z' &&
      command.some((word) => word === `--user-data-dir=${profilePath}`) &&
      !command.some((word) => word.startsWith('--type=')) &&
      /chrom/.test(command[0] ?? ''),
  )
  return found.filter(({ parent }) => !found.some(({ pid }) => pid === parent))
}

/** The process that draws the page of a profile. */
export function rendererOn(profilePath: string): ProcessEntry | undefined {
  const processes = listProcesses()
  const browsers = browsersOn(profilePath).map(({ pid }) => pid)
  const below = descendants(processes, browsers)
  // A process that the zygote forked shows its arguments as one word.
  return below.find(({ command }) => command.some((word) => word.includes('--type=renderer')))
}

/** All living processes below `roots`, the roots left out. */
export function descendants(processes: ProcessEntry[], roots: number[]): ProcessEntry[] {
  const found: ProcessEntry[] = []
  const pending = [...roots]
  while (pending.length > 0) {
    const parent = pending.pop()
    for (const entry of processes) {
      if (entry.parent !== parent || entry.state === 'Z') continue
      found.push(entry)
      pending.push(entry.pid)
    }
  }
  return found
}

export function isAlive(pid: number): boolean {
  try {
    return readState(String(pid)).state !== 'Z'
  } catch {
    return false
  }
}
