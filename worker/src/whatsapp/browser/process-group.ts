import { readdirSync, readFileSync } from 'node:fs'

interface ProcessFacts {
  /** Z and X are dead, whether or not somebody has collected their exit codes. */
  isDead: boolean
  group: number
  /** Clock ticks from boot to its start; with the number it tells a process from a later one of the same number. */
  startTime: string
}

/** Sends a signal to every process of a group. @returns false where there is none */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal)
  } catch {
    return false
  }
}

/** Whether a process of the group is left. Zombies are not: they hold nothing, and without an init nobody reaps them. */
export function isGroupAlive(leader: number): boolean {
  if (!signalGroup(leader, 0)) return false
  return readdirSync('/proc').some((name) => {
    const found = /^\d+$/.test(name) ? readProcess(Number(name)) : null
    return found !== null && found.group === leader && !found.isDead
  })
}

/** @returns null where there is no such process */
export function readProcess(pid: number): ProcessFacts | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command's name stands in brackets and may contain anything; the third field follows it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return {
      isDead: fields[0] === 'Z' || fields[0] === 'X',
      group: Number(fields[2]),
      startTime: fields[19] ?? '',
    }
  } catch {
    return null
  }
}
