import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aroundAll } from 'vitest'
import { descendants, listProcesses, type ProcessEntry } from './processes.ts'
import { waitFor } from './wait-for.ts'

/** How long a process that was told to end may take. */
const ENDING_MS = 5_000
/** A browser that is killed leaves folders of its own in the folder for temporary files; PulseAudio's is its too. */
const BROWSERS_OWN = /^(\.?org\.chromium\.|scoped_dir|\.com\.google\.|pulse-)/

/**
 * Runs around every test file: gives it a folder of its own for temporary files, and fails it where a process that it
 * started still runs or a folder that it made is still there when its own hooks are through.
 */
const outside = tmpdir()
const folder = mkdtempSync(join(outside, 'wsg-test-'))
// As open to other users as the folder that it stands for.
chmodSync(folder, 0o1777)
process.env.TMPDIR = folder

// Around the hooks and the fixtures of the file, so that it looks when all of them are through.
aroundAll(async (runFile) => {
  await runFile()
  process.env.TMPDIR = outside
  await waitFor('every process to be gone', () => ours().length === 0, { timeoutMs: ENDING_MS }).catch(
    () => {},
  )
  const processes = ours()
  for (const { pid } of processes) end(pid)
  const files = readdirSync(folder).filter((name) => !BROWSERS_OWN.test(name))
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  const left = [...processes.map(({ command }) => command.join(' ').slice(0, 200)), ...files]
  if (left.length > 0) throw new Error(`left over by this file:\n${left.join('\n')}`)
})

/** Below this process, or with our folder in their arguments or environment: also what has lost its parent. */
function ours(): ProcessEntry[] {
  const all = listProcesses().filter(({ pid, state }) => pid !== process.pid && state !== 'Z')
  const below = new Set(descendants(all, [process.pid]).map(({ pid }) => pid))
  return all.filter(
    ({ pid, command }) =>
      below.has(pid) || command.some((word) => word.includes(folder)) || environmentOf(pid).includes(folder),
  )
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return '' // it ended, or belongs to somebody else
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it is gone already
  }
}
