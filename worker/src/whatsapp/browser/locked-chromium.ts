import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { PipeTransport } from './pipe-transport.ts'
import { isGroupAlive, signalGroup } from './process-group.ts'

const LOCK_HELD_EXIT_CODE = 93
const MAX_STDERR = 2_000
const STRAGGLER_LIMIT_MS = 2_000
const STRAGGLER_POLL_MS = 10

/**
 * Where memory runs out the kernel is to kill the browser and not Node, which lives to tell of it. Raising needs no
 * privilege, and the browser's children inherit it (Chromium itself puts its renderers at 300, which is enough). Where
 * a container stands above 500 already, only the top is higher. There is no such file on macOS.
 */
const BE_KILLED_FIRST =
  '{ read -r adj < /proc/self/oom_score_adj && echo $((adj < 500 ? 500 : 1000)) > /proc/self/oom_score_adj; } 2> /dev/null'

/** Left by a browser that died. Whoever removes them under a living one corrupts its databases. */
const REMOVE_STALE_LOCKS = 'rm -f "$0"/SingletonLock "$0"/SingletonSocket "$0"/SingletonCookie'

const BECOME_BROWSER = `${BE_KILLED_FIRST}; ${REMOVE_STALE_LOCKS}; exec "$@"`

/** What Chromium may know of our environment: no token, no address of Redis. */
const PASSED_ON =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_[A-Z]+|TZ|TMPDIR|LD_LIBRARY_PATH|(XDG|FONTCONFIG|DBUS)_[A-Z_]+)$/

export interface ChromiumExit {
  /** True where it never started, because another process holds the profile's lock. */
  lockHeld: boolean
  code: number | null
  signal: NodeJS.Signals | null
  /** The end of what it wrote on standard error. */
  lastWords: string
}

/**
 * A Chromium that holds the operating-system lock of its profile until it is dead: `flock` takes the lock and turns
 * itself into the browser (`--no-fork`), so that the process id is the browser's and no moment lies between the two.
 * It leads a process group of its own.
 */
export class LockedChromium {
  readonly transport: PipeTransport
  readonly exited: Promise<ChromiumExit>
  readonly #child: ChildProcess
  #isGone = false

  constructor(start: { executablePath: string; flags: string[]; profilePath: string; lockPath: string }) {
    const { executablePath, flags, profilePath, lockPath } = start
    const [locker, ...lockerArgs] = lockCommand(lockPath, process.platform)
    this.#child = spawn(
      locker,
      [...lockerArgs, 'sh', '-c', BECOME_BROWSER, profilePath, executablePath, ...flags],
      { detached: true, stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'], env: passedOn(process.env) },
    )
    const [, , stderr, toBrowser, fromBrowser] = this.#child.stdio as unknown as [
      null,
      null,
      Readable,
      Writable,
      Readable,
    ]
    this.transport = new PipeTransport(toBrowser, fromBrowser)
    this.exited = this.#watch(stderr)
  }

  /** Of the process and its group; undefined where it could not be started at all. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** SIGKILL to the whole group, at once. Does nothing when it is gone. */
  kill(): void {
    if (!this.#isGone && this.pid !== undefined) signalGroup(this.pid, 'SIGKILL')
  }

  /** Resolves when the browser and its helpers are gone. */
  async gone(): Promise<void> {
    await this.exited
    const limit = Date.now() + STRAGGLER_LIMIT_MS
    while (this.pid !== undefined && isGroupAlive(this.pid) && Date.now() < limit)
      await sleep(STRAGGLER_POLL_MS)
  }

  async #watch(stderr: Readable): Promise<ChromiumExit> {
    let lastWords = ''
    stderr.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-MAX_STDERR)
    })
    const { promise, resolve } = Promise.withResolvers<ChromiumExit>()
    this.#child.once('error', (error) =>
      resolve({ lockHeld: false, code: null, signal: null, lastWords: error.message }),
    )
    this.#child.once('exit', (code, signal) => {
      // Helpers end by themselves when the browser is dead; this is for those that hang.
      if (this.pid !== undefined) signalGroup(this.pid, 'SIGKILL')
      resolve({ lockHeld: code === LOCK_HELD_EXIT_CODE, code, signal, lastWords })
    })
    const exit = await promise
    this.#isGone = true
    return exit
  }
}

/** The command that takes a file's lock and becomes the command after it. macOS has no flock(1); its Perl has flock(2). */
export function lockCommand(lockPath: string, platform: NodeJS.Platform): [string, ...string[]] {
  if (platform !== 'darwin')
    return ['flock', '--nonblock', '--no-fork', '--conflict-exit-code', String(LOCK_HELD_EXIT_CODE), lockPath]
  const script = `$^F = 255; open(L, '>>', shift) or die $!; flock(L, 6) or exit ${LOCK_HELD_EXIT_CODE}; exec @ARGV`
  return ['perl', '-e', script, lockPath]
}

function passedOn(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => PASSED_ON.test(name)))
}
