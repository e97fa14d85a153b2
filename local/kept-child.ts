import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { backOffMs } from './back-off.ts'
import type { ChildLedger, LedgerEntry } from './child-ledger.ts'
import { identify } from './process-identity.ts'
import type { Part } from './running-parts.ts'
import { StartFailure } from './start-failure.ts'

export interface KeptChildOptions<T> {
  name: string
  role: LedgerEntry['role']
  file: string
  /** Asked for at every start; `ready` is what the first one said of itself. */
  start: (ready: T | null) => { args: string[]; environment: NodeJS.ProcessEnv }
  /** Where standard output and error go. */
  stdout: number | 'pipe'
  stderr: number
  /** Resolves when it is up. */
  becomesReady: (child: ChildProcess) => Promise<T>
  startLimitMs: number
  stopLimitMs: number
  ledger: ChildLedger
  note: (line: string) => void
}

/** A child program that is up, and is started again whenever it ends. */
export interface KeptChild<T> extends Part {
  ready: T
}

/** @throws StartFailure where it does not come up the first time */
export async function keepChild<T>(options: KeptChildOptions<T>): Promise<KeptChild<T>> {
  const keeper = new Keeper(options)
  const ready = await keeper.begin()
  return { name: options.name, ready, stop: () => keeper.stop(), kill: () => keeper.kill() }
}

class Keeper<T> {
  readonly #options: KeptChildOptions<T>
  #child: ChildProcess | null = null
  #failures = 0
  #stopping = false

  constructor(options: KeptChildOptions<T>) {
    this.#options = options
  }

  async begin(): Promise<T> {
    const child = this.#fork(null)
    try {
      const ready = await this.#untilReady(child)
      this.#keep(child, ready)
      return ready
    } catch (error) {
      child.kill('SIGKILL')
      throw error
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#child
    if (child === null || hasEnded(child)) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    const limit = setTimeout(() => child.kill('SIGKILL'), this.#options.stopLimitMs)
    await gone
    clearTimeout(limit)
  }

  kill(): void {
    this.#stopping = true
    this.#child?.kill('SIGKILL')
  }

  #fork(ready: T | null): ChildProcess {
    const { file, start, stdout, stderr, role, ledger } = this.#options
    const { args, environment } = start(ready)
    const child = fork(file, args, {
      env: environment,
      execArgv: ['--disable-warning=ExperimentalWarning'], // the simulator strips types while it serves
      stdio: ['ignore', stdout, stderr, 'ipc'],
      detached: true, // Ctrl-C goes to the whole foreground group; the order of the end is ours to give
    })
    this.#child = child
    const { pid } = child
    if (pid !== undefined) {
      ledger.put({ role, ...identify(pid) })
      child.once('exit', () => ledger.remove(pid))
    }
    return child
  }

  async #untilReady(child: ChildProcess): Promise<T> {
    const { name, becomesReady, startLimitMs } = this.#options
    const { promise: failed, reject } = Promise.withResolvers<never>()
    const ended = (code: number | null) =>
      reject(new StartFailure(`The ${name} ended with code ${code} before it was up.`))
    child.once('exit', ended)
    const late = setTimeout(
      () => reject(new StartFailure(`The ${name} was not up after ${startLimitMs / 1000} s.`)),
      startLimitMs,
    )
    try {
      return await Promise.race([becomesReady(child), failed])
    } finally {
      clearTimeout(late)
      child.off('exit', ended)
    }
  }

  #keep(child: ChildProcess, ready: T): void {
    this.#failures = 0
    if (hasEnded(child)) void this.#again(ready)
    else child.once('exit', () => void this.#again(ready))
  }

  async #again(ready: T): Promise<void> {
    while (!this.#stopping) {
      this.#failures += 1
      this.#options.note(`The ${this.#options.name} ended and is started again.`)
      await pause(backOffMs(this.#failures))
      if (this.#stopping) return
      const child = this.#fork(ready)
      try {
        await this.#untilReady(child)
        this.#keep(child, ready)
        return
      } catch {
        child.kill('SIGKILL')
      }
    }
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
