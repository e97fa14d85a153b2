import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Part } from './running-parts.ts'
import { StartFailure } from './start-failure.ts'

const TAKEN = 99

/**
 * Makes the data folder and keeps every other supervisor off it. Node cannot lock a file, so a small child does:
 * `cat` under flock, which ends, and lets go, with the pipe that this process holds, kill -9 included.
 * @throws StartFailure where another one runs on the folder
 */
export async function lockDataDir(dataDir: string): Promise<Part> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, 'supervisor.lock')
  const holder = spawn('flock', ['-n', '-E', String(TAKEN), '--no-fork', file, 'cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true, // Ctrl-C goes to the whole foreground group and must not take the lock away first
  })
  holder.stdin.on('error', () => {}) // a holder that found the lock taken is gone before it reads
  const gone = once(holder, 'exit').catch(() => {
    throw new StartFailure('The program flock is missing. Run: node setup.mjs')
  })
  gone.catch(() => {})
  holder.stdin.write('\n')
  const answer = await Promise.race([once(holder.stdout, 'data'), gone])
  if (holder.exitCode !== null || !Buffer.isBuffer(answer[0])) {
    throw new StartFailure(
      answer[0] === TAKEN
        ? `Another start already runs on ${dataDir}. Stop it first, or set DATA_DIR to another folder.`
        : `The folder ${dataDir} cannot be locked. Does it belong to you?`,
    )
  }
  return {
    name: 'data folder',
    stop: async () => {
      holder.stdin.end()
      await gone
    },
    kill: () => holder.kill('SIGKILL'),
  }
}
