import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { PoolMessage, WorkerMessage } from '@wsg/worker/src/pool/pool-messages.ts'
import { z } from 'zod'
import type { ChildLedger } from './child-ledger.ts'
import { killGroups, signalGroup } from './process-group.ts'
import { identify, type ProcessIdentity } from './process-identity.ts'

const workerMessageSchema: z.ZodType<WorkerMessage> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('idle'), workerId: z.string() }),
  z.object({ type: z.literal('owns'), sessionId: z.string(), token: z.string() }),
  z.object({ type: z.literal('start-wanted') }),
  z.object({ type: z.literal('start-over') }),
  z.object({ type: z.literal('browser'), pid: z.number().int().nullable() }),
])

/**
 * What a session's worker does is little, and there are many of them: a small young generation, one helper thread for
 * V8. Measured (PSS): 40 MB less for each idle ready session, 160 MB less after thousands of sends; 4 % fewer sends a
 * second with 16 in flight, none fewer one after another.
 */
const LEAN_FLAGS = ['--max-semi-space-size=1', '--v8-pool-size=1']

/**
 * Node keeps the types it stripped and the code it compiled, so that the next worker needs no compiler for it: 10 MB
 * less. glibc would keep a heap of its own for every thread.
 */
function leanEnvironment(dataDir: string | undefined): NodeJS.ProcessEnv {
  return {
    MALLOC_ARENA_MAX: '1',
    ...(dataDir === undefined ? {} : { NODE_COMPILE_CACHE: join(dataDir, 'compile-cache') }),
  }
}

/** What the usage guide says one session takes: no kernel keeps a worker of this machine under it. */
const MEMORY_LIMIT_MB = '512'

/** @param environment what is given counts, from a file too */
function memoryEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isGiven = environment.MEMORY_LIMIT_MB || environment.MEMORY_LIMIT_MB_FILE
  return isGiven ? {} : { MEMORY_LIMIT_MB }
}

export interface PoolWorkerOptions {
  file: string
  environment: NodeJS.ProcessEnv
  log: number
  ledger: ChildLedger
  heard: (worker: PoolWorker, message: WorkerMessage) => void
  /** The process is gone; what it left behind may not be yet. */
  ended: (worker: PoolWorker) => void
}

/** One forked worker as the pool knows it: what it said of itself, and what has to be killed with it. */
export class PoolWorker {
  workerId: string | null = null
  owned: { sessionId: string; token: string } | null = null
  phase: 'starting' | 'idle' | 'owning' | 'stopping' = 'starting'
  readonly identity: ProcessIdentity
  readonly #child: ChildProcess
  readonly #ledger: ChildLedger
  #browser: ProcessIdentity | null = null

  constructor({ file, environment, log, ledger, heard, ended }: PoolWorkerOptions) {
    this.#ledger = ledger
    this.#child = fork(file, [], {
      env: { ...leanEnvironment(environment.DATA_DIR), ...environment, ...memoryEnvironment(environment) },
      execArgv: LEAN_FLAGS,
      stdio: ['ignore', log, log, 'ipc'],
      detached: true, // a process group of its own: Ctrl-C does not reach it, and a kill reaches all of it
    })
    this.identity = identify(this.#child.pid ?? 0)
    this.#record()
    this.#child.on('message', (message) => {
      const said = workerMessageSchema.safeParse(message)
      if (!said.success) return
      this.#remember(said.data)
      heard(this, said.data)
    })
    this.#child.on('error', () => {}) // it could not be forked, killed or written to; `exit` tells what counts
    this.#child.once('exit', () => ended(this))
  }

  grantStart(): void {
    const start: PoolMessage = { type: 'start' }
    if (this.#child.connected) this.#child.send(start, () => {})
  }

  /** Asks it to end cleanly. */
  stop(): void {
    this.phase = 'stopping'
    this.#child.kill('SIGTERM')
  }

  /** Ends its process group and its browser's at once. */
  kill(): void {
    for (const group of this.#groups()) signalGroup(group, 'SIGKILL')
  }

  /** After its end: kills what is left of both groups. @returns false where something survived that */
  async clear(): Promise<boolean> {
    const isGone = await killGroups(this.#groups())
    if (isGone) {
      for (const { pid } of this.#groups()) this.#ledger.remove(pid)
    }
    return isGone
  }

  #groups(): ProcessIdentity[] {
    return this.#child.pid === undefined ? [] : [this.identity, ...(this.#browser ? [this.#browser] : [])]
  }

  #remember(message: WorkerMessage): void {
    if (message.type === 'idle') {
      this.workerId = message.workerId
      this.owned = null
      if (this.phase !== 'stopping') this.phase = 'idle'
      this.#record()
    } else if (message.type === 'owns') {
      this.owned = { sessionId: message.sessionId, token: message.token }
      if (this.phase !== 'stopping') this.phase = 'owning'
      this.#record()
    } else if (message.type === 'browser') {
      if (this.#browser !== null) this.#ledger.remove(this.#browser.pid)
      this.#browser = message.pid === null ? null : identify(message.pid)
      if (this.#browser !== null) this.#ledger.put({ role: 'browser', ...this.#browser })
    }
  }

  #record(): void {
    if (this.#child.pid === undefined) return
    this.#ledger.put({
      role: 'worker',
      ...this.identity,
      ...(this.workerId !== null && { workerId: this.workerId }),
      ...(this.owned !== null && { sessionId: this.owned.sessionId }),
    })
  }
}
