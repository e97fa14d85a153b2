import type { ChildProcess } from 'node:child_process'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { readBootId } from '@wsg/worker/src/host/host-folder.ts'
import { isGroupAlive, readProcess, signalGroup } from '@wsg/worker/src/whatsapp/browser/process-group.ts'
import { z } from 'zod'
import { StartFailure } from './running-parts.ts'

const LOOK_EVERY_MS = 20
const KILL_LIMIT_MS = 10_000

/** A process that leads a group. Its number is used again some day; number and start time are not, within one boot. */
const entrySchema = z.object({
  role: z.enum(['redis', 'simulator', 'converter', 'gateway', 'worker', 'browser']),
  pid: z.number().int().positive(),
  startTime: z.string(),
  /** Of a worker: what it calls itself, and the session that it owns. */
  workerId: z.string().optional(),
  sessionId: z.string().optional(),
})
const ledgerSchema = z.object({ bootId: z.string(), children: z.array(entrySchema) })
type Entry = z.infer<typeof entrySchema>
export type ChildRole = Entry['role']

/** A worker of the previous run that is dead for certain, its browser too, and what it owned. */
export interface DeadOwner {
  workerId: string
  sessionId: string
}

/**
 * The processes that run for this data folder, on disk: a supervisor that was killed tells the next one by it what may
 * be left over.
 */
export class ChildLedger {
  /**
   * Ends what a killed supervisor may have left running (a paused worker, say, with its browser) and names the owners that
   * are dead for certain, so that nobody waits for their leases. Only for whoever holds the folder's lock.
   * @throws StartFailure where something does not end
   */
  static async takeOver(dataDir: string): Promise<{ ledger: ChildLedger; deadOwners: DeadOwner[] }> {
    const left = readLeft(dataDir)
    if (!(await killAll(left))) {
      const names = left.filter(isRunning).map(({ role, pid }) => `${role} ${pid}`)
      throw new StartFailure(`Processes of the previous run do not end: ${names.join(', ')}.`)
    }
    const deadOwners = left.flatMap(({ workerId, sessionId }) =>
      workerId === undefined || sessionId === undefined ? [] : [{ workerId, sessionId }],
    )
    return { ledger: new ChildLedger(dataDir), deadOwners }
  }

  readonly #file: string
  readonly #entries = new Map<number, Entry>()

  private constructor(dataDir: string) {
    this.#file = fileIn(dataDir)
    this.#write()
  }

  get children(): readonly Entry[] {
    return [...this.#entries.values()]
  }

  /** Puts a child on record for as long as it runs. */
  keep(role: ChildRole, child: ChildProcess): void {
    const { pid } = child
    if (pid === undefined) return
    this.put({ role, pid })
    child.once('exit', () => this.remove(pid))
  }

  put(entry: Omit<Entry, 'startTime'>): void {
    const startTime = this.#entries.get(entry.pid)?.startTime ?? readProcess(entry.pid)?.startTime ?? ''
    this.#entries.set(entry.pid, { ...entry, startTime })
    this.#write()
  }

  remove(pid: number): void {
    if (this.#entries.delete(pid)) this.#write()
  }

  /** SIGKILL to the groups of these processes, or of all on record, at once. */
  kill(pids: Iterable<number> = this.#entries.keys()): void {
    for (const entry of this.#of(pids)) killGroup(entry)
  }

  /** Kills these groups, waits until nothing of them runs, and takes them off the record. @returns false where something survived */
  async clear(pids: readonly number[]): Promise<boolean> {
    if (!(await killAll(this.#of(pids)))) return false
    for (const pid of pids) this.remove(pid)
    return true
  }

  #of(pids: Iterable<number>): Entry[] {
    return [...pids].flatMap((pid) => this.#entries.get(pid) ?? [])
  }

  #write(): void {
    const ledger = { bootId: readBootId(), children: this.children }
    writeFileSync(`${this.#file}.new`, JSON.stringify(ledger), { mode: 0o600 })
    renameSync(`${this.#file}.new`, this.#file)
  }
}

const fileIn = (dataDir: string) => join(dataDir, 'children.json')

/** After another boot, or on another machine, nothing that is on record can be told from a stranger. */
function readLeft(dataDir: string): Entry[] {
  try {
    const { bootId, children } = ledgerSchema.parse(JSON.parse(readFileSync(fileIn(dataDir), 'utf8')))
    return bootId === readBootId() ? children : []
  } catch {
    return []
  }
}

/** @returns false where something survived, as a process in uninterruptible sleep does */
async function killAll(leaders: readonly Entry[]): Promise<boolean> {
  const end = performance.now() + KILL_LIMIT_MS
  for (;;) {
    const left = leaders.filter(isRunning)
    if (left.length === 0) return true
    if (performance.now() > end) return false
    for (const leader of left) killGroup(leader)
    await pause(LOOK_EVERY_MS)
  }
}

/** Whether anything of its group runs. */
function isRunning(leader: Entry): boolean {
  return !isReused(leader) && isGroupAlive(leader.pid)
}

function killGroup(leader: Entry): void {
  if (!isReused(leader)) signalGroup(leader.pid, 'SIGKILL')
}

/** True where the number is another process's by now. */
function isReused({ pid, startTime }: Entry): boolean {
  const found = readProcess(pid)
  return found !== null && found.startTime !== startTime
}
