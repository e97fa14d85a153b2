import { type ChildProcess, fork, type StdioOptions } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import type { ChildRole } from './child-ledger.ts'
import type { Run } from './data-folder.ts'
import { type Part, StartFailure } from './running-parts.ts'

/** What has run for so long did not die of its configuration. */
const SETTLED_MS = 5_000

export interface KeptChildOptions<T> extends Pick<Run, 'ledger' | 'note'> {
  /** As a sentence begins with it. */
  name: string
  role: ChildRole
  /** Called at every start. @param ready what the first start said of itself, null in the first */
  start: (ready: T | null) => ChildProcess
  /** Resolves when it is up. @param over aborts when nobody waits for that any more */
  becomesReady: (child: ChildProcess, over: AbortSignal) => Promise<T>
  /** Where it is not given, `becomesReady` says itself when it takes too long. */
  startLimitMs?: number
  stopLimitMs: number
  /** What a person may look at where it does not come up. */
  hint?: string
}

/** A child program that is started again whenever it ends, sooner or later: see `backOffMs`. */
export class KeptChild<T> implements Part {
  /** @throws StartFailure where it does not come up the first time */
  static async start<T>(options: KeptChildOptions<T>): Promise<KeptChild<T>> {
    const kept = new KeptChild<T>(options)
    const child = kept.#start(null)
    try {
      kept.#ready = await kept.#untilReady(child)
    } catch (error) {
      child.kill('SIGKILL')
      throw error
    }
    void kept.#keepRunning(kept.#ready)
    return kept
  }

  readonly #options: KeptChildOptions<T>
  #child: ChildProcess | null = null
  #ready: T | null = null
  #isStopping = false

  private constructor(options: KeptChildOptions<T>) {
    this.#options = options
  }

  get name(): string {
    return this.#options.name
  }

  /** What it said of itself when it was up. */
  get ready(): T {
    return this.#ready as T
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    const child = this.#child
    if (child === null) return
    child.kill('SIGTERM')
    const limit = setTimeout(() => child.kill('SIGKILL'), this.#options.stopLimitMs)
    await untilEnded(child)
    clearTimeout(limit)
  }

  async #keepRunning(ready: T): Promise<void> {
    let failures = 0
    let startedAt = performance.now()
    for (;;) {
      if (this.#child !== null) await untilEnded(this.#child)
      if (this.#isStopping) return
      this.#options.note(`${this.#options.name} ended and is started again.`)
      failures = performance.now() - startedAt > SETTLED_MS ? 1 : failures + 1
      await pause(backOffMs(failures))
      if (this.#isStopping) return
      startedAt = performance.now()
      const next = this.#start(ready)
      await this.#untilReady(next).catch(() => next.kill('SIGKILL'))
    }
  }

  #start(ready: T | null): ChildProcess {
    const { start, role, ledger } = this.#options
    const child = start(ready)
    child.on('error', () => {}) // `#untilReady` and `untilEnded` hear what counts
    ledger.keep(role, child)
    this.#child = child
    return child
  }

  async #untilReady(child: ChildProcess): Promise<T> {
    const { name, becomesReady, startLimitMs, hint } = this.#options
    const over = new AbortController()
    const { promise: failed, reject } = Promise.withResolvers<never>()
    const fail = (what: string) => reject(new StartFailure(`${name} ${what}.`))
    child.once('error', ({ message }) => fail(`could not be started (${message}). Run: node setup.mjs`))
    child.once('exit', (code) => fail(`ended with code ${code} before it was up`))
    const limit =
      startLimitMs && setTimeout(() => fail(`was not up after ${startLimitMs / 1000} s`), startLimitMs)
    try {
      return await Promise.race([becomesReady(child, over.signal), failed])
    } catch (error) {
      if (hint === undefined || !(error instanceof StartFailure)) throw error
      throw new StartFailure(`${error.message} ${hint}`)
    } finally {
      clearTimeout(limit)
      over.abort()
    }
  }
}

/** Forks one of our programs in a process group of its own: Ctrl-C does not reach it, so that the order of the end is ours. */
export function forkProgram(file: string, args: string[], env: NodeJS.ProcessEnv, stdio: StdioOptions) {
  // The simulator strips types while it serves, of which Node warns.
  return fork(file, args, {
    env,
    stdio,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    detached: true,
  })
}

/** How long to wait before the next try after so many failures in a row (ms): nothing, 0.5 s, 1 s, 2 s, … 30 s. */
export function backOffMs(failures: number): number {
  return failures <= 1 ? 0 : Math.min(30_000, 250 * 2 ** (failures - 1))
}

/** At once where it has ended, or could not be started at all. */
async function untilEnded(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => child.once('exit', resolve))
}
