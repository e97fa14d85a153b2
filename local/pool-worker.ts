import { type ChildProcess, fork } from 'node:child_process'
import type { PoolMessage, WorkerMessage } from '@wsg/worker/src/pool/pool-messages.ts'
import type { ChildLedger } from './child-ledger.ts'

/**
 * What a session's worker does is little, and there are many of them: a small young generation, one helper thread for
 * V8. Measured (PSS): 40 MB less for each idle ready session, 160 MB less after thousands of sends; 4 % fewer sends a
 * second with 16 in flight, none fewer one after another.
 */
const LEAN_FLAGS = ['--max-semi-space-size=1', '--v8-pool-size=1']

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
  /** What it owns, or is about to ask the lease of: then without a token. */
  session: { id: string; token: string | null } | null = null
  /** When its lease was first seen to be another's or nobody's (performance.now()). */
  lapsedSince: number | null = null
  phase: 'starting' | 'idle' | 'owning' | 'stopping' = 'starting'
  readonly #child: ChildProcess
  readonly #ledger: ChildLedger
  #browserPid: number | null = null
  #wantsStart = false
  #startOver = () => {}

  constructor({ file, environment, log, ledger, heard, ended }: PoolWorkerOptions) {
    this.#ledger = ledger
    this.#child = fork(file, [], {
      env: environment,
      execArgv: LEAN_FLAGS,
      stdio: ['ignore', log, log, 'ipc'],
      detached: true, // a process group of its own: Ctrl-C does not reach it, and a kill reaches all of it
    })
    this.#record()
    this.#child.on('message', (message) => {
      this.#remember(message as WorkerMessage)
      heard(this, message as WorkerMessage)
    })
    this.#child.on('error', () => {}) // it could not be forked, killed or written to; `exit` tells what counts
    this.#child.once('exit', () => {
      this.#endStart()
      ended(this)
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /**
   * Lets it start its browser. Resolves when that start is over, well or badly, and at once where it wants none any more or
   * is dead.
   */
  async startBrowser(): Promise<void> {
    if (!this.#wantsStart) return
    this.#wantsStart = false
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#startOver = resolve
    const start: PoolMessage = { type: 'start' }
    if (this.#child.connected) this.#child.send(start, () => {})
    await promise
  }

  /** Asks it to end cleanly. */
  stop(): void {
    this.phase = 'stopping'
    this.#child.kill('SIGTERM')
  }

  /** Ends its process group and its browser's at once. */
  kill(): void {
    this.#ledger.kill(this.#groups())
  }

  /** After its end: kills what is left of both groups. @returns false where something survived that */
  async clear(): Promise<boolean> {
    return await this.#ledger.clear(this.#groups())
  }

  #groups(): number[] {
    return [this.pid, ...(this.#browserPid === null ? [] : [this.#browserPid])]
  }

  #remember(message: WorkerMessage): void {
    switch (message.type) {
      case 'idle':
        this.workerId = message.workerId
        this.#moveTo('idle', null)
        break
      case 'claims':
        this.#moveTo(this.phase, { id: message.sessionId, token: null })
        break
      case 'owns':
        this.#moveTo('owning', { id: message.sessionId, token: message.token })
        break
      case 'browser':
        if (this.#browserPid !== null) this.#ledger.remove(this.#browserPid)
        this.#browserPid = message.pid
        if (message.pid !== null) this.#ledger.put({ role: 'browser', pid: message.pid })
        break
      case 'start-wanted':
        this.#wantsStart = true
        break
      case 'start-over':
        this.#endStart()
        break
      case 'left':
        break
    }
  }

  #moveTo(phase: PoolWorker['phase'], session: PoolWorker['session']): void {
    if (this.phase !== 'stopping') this.phase = phase
    this.session = session
    this.lapsedSince = null
    this.#record()
  }

  #endStart(): void {
    this.#wantsStart = false
    this.#startOver()
  }

  #record(): void {
    if (this.#child.pid === undefined) return
    this.#ledger.put({
      role: 'worker',
      pid: this.#child.pid,
      ...(this.workerId !== null && { workerId: this.workerId }),
      ...(this.session !== null && { sessionId: this.session.id }),
    })
  }
}
