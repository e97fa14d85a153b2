import { spawn } from 'node:child_process'

/** A file could not be converted. The message says what is wrong with it, as the end of a sentence. */
export class NotConverted extends Error {
  override readonly name = 'NotConverted'
}

export interface ProgramLimits {
  /** What it may write into one file. */
  maxFileBytes: number
  /** Ends it: the time is over, or nobody waits any more. */
  signal: AbortSignal
}

/** Memory of its own. A video of 3840 by 2160 takes 500 MB. */
const MAX_MEMORY_BYTES = 768 * 1_048_576
/** Two processors for as long as a file may ever take, should nobody end it. */
const MAX_CPU_SECONDS = 180
/** The user `nobody` of every Linux. */
const NOBODY = 65_534
const SAID_BYTES = 4_096

/** Who programs run as: a file that takes one over must not be root's. Null for whoever runs this. */
export const programUser = process.getuid?.() === 0 ? NOBODY : null

/**
 * Runs a program on a file of a stranger: as a user without rights, with limits of memory, processor and file size that the
 * kernel holds, behind everything else of this machine, and without our environment.
 * @param take reads what it prints; dropped where absent
 * @throws NotConverted where it fails or the time is over
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { maxFileBytes, signal }: ProgramLimits,
  take: (bytes: Buffer) => void = () => {},
): Promise<void> {
  if (signal.aborted) throw tooSlow()
  const become =
    programUser === null ? [] : [`--reuid=${programUser}`, `--regid=${programUser}`, '--clear-groups']
  const limits = [`--data=${MAX_MEMORY_BYTES}`, `--cpu=${MAX_CPU_SECONDS}`, `--fsize=${maxFileBytes}`]
  const command = [
    ...['--no-new-privs', ...become, '--', 'prlimit', ...limits, '--core=0', '--', 'nice', '-n', '10'],
    ...[program, ...args],
  ]
  // A group of its own, so that whatever it starts ends with it.
  const child = spawn('setpriv', command, {
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const end = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  signal.addEventListener('abort', end)
  let said = ''
  child.stdout.on('data', take)
  child.stderr.on('data', (bytes: Buffer) => (said = (said + bytes).slice(-SAID_BYTES)))
  try {
    const [code, killedBy] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (...ended) => resolve(ended))
    })
    if (signal.aborted || killedBy === 'SIGXCPU') throw tooSlow()
    if (killedBy === 'SIGXFSZ') throw new NotConverted('it becomes too large')
    if (code !== 0) throw new NotConverted(faultIn(said))
  } finally {
    signal.removeEventListener('abort', end)
    end()
  }
}

function tooSlow(): NotConverted {
  return new NotConverted('it takes too long')
}

/** The last thing that a program complained of, without the paths and addresses in it. */
function faultIn(said: string): string {
  if (/matches no streams/.test(said)) return 'what is needed of it is not in it: no sound, or no picture'
  if (/File too large/.test(said)) return 'it becomes too large'
  if (/Cannot allocate memory|malloc of size/.test(said)) return 'it takes too much memory'
  const last = said.trim().split('\n').at(-1) ?? ''
  const plain = last
    .replace(/^\[[^\]]*\]\s*/, '')
    .replace(/(?<!\S)\/\S+\s*/g, '')
    .trim()
  return plain === '' ? 'it is broken' : `it is broken: ${plain.slice(0, 200)}`
}
