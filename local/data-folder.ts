import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { World } from '@wsg/worker/src/whatsapp/browser/profile.ts'
import { ChildLedger, type DeadOwner } from './child-ledger.ts'
import type { LocalConfig } from './local-config.ts'
import { type Part, type RunningParts, StartFailure } from './running-parts.ts'

const TAKEN = 99
const MAX_LOG_BYTES = 20 * 1024 * 1024
/** Others may pass through it, to the profiles that root gives to the user nobody; they may list and read nothing. */
const FOLDER_MODE = 0o711

/** What every part that is started needs to know of this start. */
export interface Run {
  /** Absolute. */
  dataDir: string
  token: string
  /** The descriptor that programs write their logs to themselves, so that none waits for this process. */
  log: number
  /** Where a person finds the log, null where it is standard error. */
  logFile: string | null
  ledger: ChildLedger
  /** Takes one short line for a person. */
  note: (line: string) => void
  deadOwners: readonly DeadOwner[]
}

/**
 * Takes the data folder for this start alone, and ends what a killed one left running.
 * @throws StartFailure where the folder cannot be made or written, or is another start's or another world's
 */
export async function openDataFolder(
  { dataDir, isOwnFolder, world, apiToken }: LocalConfig,
  parts: RunningParts,
  note: (line: string) => void,
): Promise<Run> {
  try {
    makeFolder(dataDir)
    // An earlier version made it for root alone.
    if (isOwnFolder && process.getuid?.() === 0) chmodSync(dataDir, FOLDER_MODE)
    await parts.add(lockDataFolder(dataDir))
    claimFolder(dataDir, world)
    const { ledger, deadOwners } = await ChildLedger.takeOver(dataDir)
    await parts.add({
      name: 'what is left of the programs',
      stop: async () => void (await ledger.clear(ledger.children.map(({ pid }) => pid))),
      kill: () => ledger.kill(),
    })
    const token = loadToken(dataDir, apiToken)
    return { dataDir, token, ...openLog(dataDir, process.stderr.isTTY), ledger, note, deadOwners }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).path === undefined) throw error
    throw new StartFailure(
      `The data folder ${dataDir} cannot be used: ${(error as Error).message}. Set DATA_DIR to a folder that you may write to.`,
    )
  }
}

/** Folder by folder: Node's own `recursive` never returns where a folder refuses to hold another, as /proc does. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path, { mode: FOLDER_MODE })
}

/**
 * Keeps every other supervisor off the folder. Node cannot lock a file, so a small child does: `cat` under flock, which
 * ends, and lets go, with the pipe that this process holds, kill -9 included.
 * @throws StartFailure where another one runs on the folder
 */
export async function lockDataFolder(dataDir: string): Promise<Part> {
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
    name: 'lock of the data folder',
    stop: async () => {
      holder.stdin.end()
      await gone
    },
  }
}

/**
 * Sandbox and real never share data: the folder carries the mark of the world that used it first.
 * @throws StartFailure in the other world
 */
export function claimFolder(dataDir: string, world: World): void {
  const file = join(dataDir, 'world')
  const mark = readIfThere(file)
  if (mark === '') writeFileSync(file, `${world}\n`)
  else if (mark !== world) throw ofOtherWorld(`The folder ${dataDir}`, world)
}

/** Tells the person what to do where data belongs to the other world than the one that starts. */
export function ofOtherWorld(what: string, world: World): StartFailure {
  return new StartFailure(
    world === 'sandbox'
      ? `${what} belongs to the real WhatsApp. The sandbox needs its own: unset DATA_DIR and REDIS_URL, or give it others.`
      : `${what} belongs to the sandbox. Set DATA_DIR and REDIS_URL to others, or unset them.`,
  )
}

/** The given token, else the one of this installation, which is made once and kept for its owner alone to read. */
export function loadToken(dataDir: string, given: string | null): string {
  if (given !== null) return given
  const file = join(dataDir, 'token')
  const kept = readIfThere(file)
  if (kept !== '') return kept
  const token = randomBytes(24).toString('base64url')
  writeFileSync(file, `${token}\n`, { mode: 0o600 })
  chmodSync(file, 0o600)
  return token
}

/** Leaves word where this start is reached, for `wsg` at another prompt, until it ends. */
export function noteAddress(dataDir: string, address: string): Part {
  const file = join(dataDir, 'address')
  writeFileSync(file, `${address}\n`)
  return { name: 'the word where it is reached', stop: async () => rmSync(file, { force: true }) }
}

/** A terminal shows the banner, so the log goes to a file. A service or a test collects standard error. */
function openLog(dataDir: string, onTerminal: boolean): Pick<Run, 'log' | 'logFile'> {
  if (!onTerminal) return { log: 2, logFile: null }
  const folder = join(dataDir, 'logs')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'gateway.log')
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG_BYTES) renameSync(file, `${file}.1`)
  return { log: openSync(file, 'a', 0o600), logFile: file }
}

/** Empty where it is not there. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
