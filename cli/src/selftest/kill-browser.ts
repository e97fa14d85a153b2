import { exec } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'

/** Kills the browser of a session, as a crash would. @returns false where this machine has none, or does not let us */
export function killBrowser(session: string): boolean {
  const browsers = processes().filter(
    ({ command }) =>
      command.some((word) => /^--user-data-dir=/.test(word) && word.endsWith(`/session-${session}`)) &&
      !command.some((word) => word.startsWith('--type=')),
  )
  return browsers.filter(({ pid }) => isKilled(pid)).length > 0
}

function isKilled(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    // It is another user's, or is gone.
    return false
  }
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

/** Runs what an operator says kills the browser of a session, which the command finds in `SESSION`. @throws where it fails */
export async function killByCommand(command: string, session: string): Promise<true> {
  await promisify(exec)(command, { env: { ...process.env, SESSION: session } })
  return true
}
