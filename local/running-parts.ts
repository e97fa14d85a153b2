import { setTimeout as pause } from 'node:timers/promises'
import { ConfigError } from '@wsg/shared/config/read-config.ts'

const START_GRACE_MS = 5_000
/** One Ctrl-C may arrive several times: from the terminal, from npm, and as SIGHUP when the shell is gone. */
const ONE_PRESS_MS = 1_000

/** The machine or its set-up does not allow a start. The message says what to do and is all that is printed. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure'
}

/** Something that runs and has to be ended. */
export interface Part {
  name: string
  /** Ends it within a limit of its own, by force where it has to. Resolves when nothing of it is left. */
  stop(): Promise<void>
  /** At the second Ctrl-C: ends what would outlive this process, without waiting. */
  kill?(): void
}

/** What `RunningParts.add` throws once the end has begun; the start that it interrupts goes no further. */
class Ending extends Error {}

/**
 * What was started, to be ended in reverse order. The first signal ends everything cleanly, the second at once.
 * `note` takes short lines for a person.
 */
export class RunningParts {
  /**
   * Starts what `start` starts and adds. Where it fails, what is there already is ended, the reason is printed and
   * the process exits with 1.
   */
  static async run(
    start: (parts: RunningParts, note: (line: string) => void) => Promise<void>,
  ): Promise<void> {
    const note = (line: string) => console.error(line)
    const parts = new RunningParts(note)
    try {
      await start(parts, note)
    } catch (error) {
      if (!(error instanceof Ending)) note(describe(error))
      await parts.end(1)
    }
  }

  readonly #parts: Part[] = []
  readonly #note: (line: string) => void
  #askedAt = 0
  #adding: Promise<unknown> = Promise.resolve()
  #ending: Promise<void> | null = null

  private constructor(note: (line: string) => void) {
    this.#note = note
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => this.#heard(signal))
    for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(fault, (error: unknown) => {
        this.#note(describe(error))
        void this.end(1)
      })
    }
  }

  #heard(signal: NodeJS.Signals): void {
    if (this.#ending === null) {
      this.#askedAt = performance.now()
      this.#note('Stopping. Press Ctrl-C again to stop at once.')
      void this.end(0)
    } else if (signal !== 'SIGHUP' && performance.now() - this.#askedAt > ONE_PRESS_MS) {
      for (const part of this.#parts.toReversed()) part.kill?.()
      process.exit(1)
    }
  }

  /** @throws Ending where the end has begun; the part is stopped first */
  async add<P extends Part>(starting: P | Promise<P>): Promise<P> {
    const adding = this.#add(starting)
    this.#adding = adding
    return await adding
  }

  async #add<P extends Part>(starting: P | Promise<P>): Promise<P> {
    const part = await starting
    if (this.#ending === null) {
      this.#parts.push(part)
      return part
    }
    await part.stop()
    throw new Ending()
  }

  /** Ends everything, then the process. A part that fails to stop does not keep the others running. */
  end(code: number): Promise<void> {
    this.#ending ??= this.#stopAll().finally(() => process.exit(code))
    return this.#ending
  }

  async #stopAll(): Promise<void> {
    // What is just starting is stopped as soon as it is up; what never gets up ends with this process.
    await Promise.race([Promise.allSettled([this.#adding]), pause(START_GRACE_MS)])
    for (let part = this.#parts.at(-1); part !== undefined; part = this.#parts.at(-1)) {
      await part.stop().catch((error: unknown) => {
        this.#note(`${part?.name} did not stop cleanly: ${error instanceof Error ? error.message : error}`)
      })
      this.#parts.pop()
    }
  }
}

/** What a person can mend is one sentence; a fault of ours comes with its stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof ConfigError || error instanceof StartFailure) return error.message
  const { code, path } = error as NodeJS.ErrnoException
  if (code !== undefined && path !== undefined) return `${path} cannot be used: ${error.message}`
  return error.stack ?? error.message
}
