import { readdirSync, readFileSync } from 'node:fs'

/** A process for certain: numbers are used again, a number with its start time is not (within one boot). */
export interface ProcessIdentity {
  pid: number
  /** Clock ticks from boot to its start, field 22 of /proc/PID/stat; empty where it was gone already. */
  startTime: string
}

interface ProcessStat {
  state: string
  group: number
  startTime: string
}

export function identify(pid: number): ProcessIdentity {
  return { pid, startTime: readStat(pid)?.startTime ?? '' }
}

/** False for a zombie too: it holds nothing any more, and who should reap it may never do so. */
export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  const stat = readStat(pid)
  return stat !== null && stat.startTime === startTime && isLiving(stat)
}

/** True where the number stands for another process by now. */
export function isSomeoneElse({ pid, startTime }: ProcessIdentity): boolean {
  const stat = readStat(pid)
  return stat !== null && stat.startTime !== startTime
}

/** Whether anything of a process group still runs. */
export function groupIsRunning(group: number): boolean {
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false
    const stat = readStat(Number(name))
    return stat !== null && stat.group === group && isLiving(stat)
  })
}

/** Changes with every boot of the machine. */
export function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

function isLiving({ state }: ProcessStat): boolean {
  return state !== 'Z' && state !== 'X'
}

function readStat(pid: number): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may itself hold brackets and spaces.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', group: Number(fields[2]), startTime: fields[19] ?? '' }
  } catch {
    return null
  }
}
