import { readdirSync, readFileSync } from 'node:fs'

/** Kills the browser of a session, as a crash would. @returns false where none of this machine can be seen */
export function killBrowser(session: string): boolean {
  const browsers = processes().filter(
    ({ command }) =>
      command.some((word) => /^--user-data-dir=/.test(word) && word.endsWith(`/session-${session}`)) &&
      !command.some((word) => word.startsWith('--type=')),
  )
  for (const { pid } of browsers) process.kill(pid, 'SIGKILL')
  return browsers.length > 0
}

function processes(): { pid: number; command: string[] }[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({ pid: Number(name), command: commandOf(name) }))
  } catch {
    return []
  }
}

function commandOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}
