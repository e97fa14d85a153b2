import { type ChildProcess, spawn } from 'node:child_process'
import { dirname } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import pTimeout from 'p-timeout'
import type { Browser } from 'puppeteer'
import { ClientFailed, ProfileLocked } from '../client-errors.ts'
import type { Libraries } from '../library/stock-client.ts'
import { composeChromiumFlags } from './chromium-flags.ts'
import { findChromium } from './find-chromium.ts'
import { becomeUser, isolationOf, type SandboxChoice, type UnixUser } from './isolation.ts'
import { PipeTransport } from './pipe-transport.ts'
import { isGroupAlive, signalGroup } from './process-group.ts'
import { prepareProfile, type World } from './profile.ts'

const LOCK_HELD_EXIT_CODE = 93
const MAX_STDERR = 2_000
const STRAGGLER_LIMIT_MS = 2_000
const STRAGGLER_POLL_MS = 10

/**
 * Where memory runs out the kernel is to kill the browser and not Node, which lives to tell of it. Raising needs no
 * privilege, and the browser's children inherit it (Chromium itself puts its renderers at 300, which is enough). Where
 * a container stands above 500 already, only the top is higher.
 */
const BE_KILLED_FIRST =
  '{ read -r adj < /proc/self/oom_score_adj && echo $((adj < 500 ? 500 : 1000)) > /proc/self/oom_score_adj; } 2> /dev/null'

/** Left by a browser that died. Whoever removes them under a living one corrupts its databases. */
const REMOVE_STALE_LOCKS = 'rm -f "$0"/SingletonLock "$0"/SingletonSocket "$0"/SingletonCookie'

/** Run as the browser's user, with the profile's lock held. */
const BECOME_BROWSER = `${BE_KILLED_FIRST}; ${REMOVE_STALE_LOCKS}; exec "$@"`

/** Run as root, with the profile's lock held: no browser is using the folder. */
const GIVE_PROFILE = 'chown -hR "$0" "$1" && shift && exec "$@"'

/** What Chromium may know of our environment: no token, no address of Redis. */
const PASSED_ON =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_[A-Z]+|TZ|TMPDIR|LD_LIBRARY_PATH|(XDG|FONTCONFIG|DBUS)_[A-Z_]+)$/
/** What of it says where the files and sockets of our own user are. */
const OF_OUR_USER = /^(USER|LOGNAME|(XDG|DBUS)_[A-Z_]+)$/

export interface LaunchOptions {
  profilePath: string
  lockPath: string
  world: World
  /** Instead of looking for a browser. */
  executablePath?: string | undefined
  chromiumArgs: readonly string[]
  /** Of the proxy on loopback that everything has to go through; null for none. */
  proxyPort?: number | null
  /** `auto` where it is not given. */
  sandbox?: SandboxChoice | undefined
  logger: Logger
}

interface ChromiumExit {
  /** True where it never started, because another process holds the profile's lock. */
  lockHeld: boolean
  code: number | null
  signal: NodeJS.Signals | null
  /** The end of what it wrote on standard error. */
  lastWords: string
}

/**
 * Starts Chromium on a profile; whether it lives is known later, by its pipe or its exit.
 * @throws BrowserMissing, also where the sandbox is demanded and cannot be had; ProfileNotOwned, ForeignWorld
 */
export function launchChromium(options: LaunchOptions): LockedChromium {
  const { profilePath, lockPath, world, chromiumArgs, proxyPort = null, sandbox = 'auto', logger } = options
  const { path, headlessShell } = findChromium(options.executablePath)
  const place = { executablePath: path, chromiumArgs, profiles: dirname(profilePath) }
  const { user, noSandbox } = isolationOf(sandbox, place)
  if (noSandbox !== null) logger.warn({ reason: noSandbox }, 'Chromium runs without its sandbox')
  const { mustBeGiven } = prepareProfile(profilePath, lockPath, world, user?.uid)
  const flags = composeChromiumFlags({
    profilePath,
    headlessShell,
    sandbox: noSandbox === null,
    extra: chromiumArgs,
    proxyPort,
  })
  const owner = user ?? { uid: process.getuid?.(), gid: process.getgid?.() }
  const command = [
    ...lockCommand(lockPath),
    ...(mustBeGiven ? ['sh', '-c', GIVE_PROFILE, `${owner.uid}:${owner.gid}`, profilePath] : []),
    ...(user === null ? [] : becomeUser(user)),
    ...['sh', '-c', BECOME_BROWSER, profilePath, path, ...flags],
  ]
  return new LockedChromium(command, environmentOf(user, profilePath), logger, user)
}

/**
 * A Chromium that holds the operating-system lock of its profile until it is dead: `flock` takes the lock and turns
 * itself into the browser (`--no-fork`), so that the process id is the browser's and no moment lies between the two.
 * It leads a process group of its own.
 */
export class LockedChromium {
  /** Resolves when the browser's main process has ended; its helpers may take a moment longer. */
  readonly exited: Promise<ChromiumExit>
  /** Who it runs as; null for whoever started it. */
  readonly user: UnixUser | null
  readonly #child: ChildProcess
  readonly #transport: PipeTransport
  readonly #logger: Logger
  #isGone = false

  /** @param command what takes the lock and becomes the browser */
  constructor(
    command: readonly string[],
    environment: NodeJS.ProcessEnv,
    logger: Logger,
    user: UnixUser | null = null,
  ) {
    this.#logger = logger
    this.user = user
    this.#child = spawn(command[0] as string, command.slice(1), {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      env: environment,
    })
    const [, , stderr, toBrowser, fromBrowser] = this.#child.stdio as unknown as [
      null,
      null,
      Readable,
      Writable,
      Readable,
    ]
    this.#transport = new PipeTransport(toBrowser, fromBrowser)
    this.exited = this.#watch(stderr)
  }

  /** Of the process and its group; undefined where it could not be started at all. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /**
   * Waits until it answers over its pipe, at most `launchMs`.
   * @throws ProfileLocked, ClientFailed where it ended or stayed silent
   */
  async connect(connect: Libraries['connect'], launchMs: number): Promise<Browser> {
    let answers = false
    const ended = this.exited.then(({ lockHeld, code, signal, lastWords }) => {
      if (lockHeld) throw new ProfileLocked('Another browser holds the lock of this profile.')
      if (!answers) this.#logger.error({ code, signal, lastWords }, 'Chromium ended while it started')
      throw new ClientFailed({
        kind: 'browser_gone',
        detail: `Chromium ended while it started: ${code ?? signal}`,
      })
    })
    // Our own watch over network events is not needed, and the network domain would tell every frame of every socket.
    const connected = connect({ transport: this.#transport, defaultViewport: null, networkEnabled: false })
    // The pipe breaks a moment before the exit is known, which says more.
    const up = connected.catch(async (error) => {
      await ended
      throw error
    })
    const detail = `Chromium did not answer within ${launchMs} ms`
    const message = new ClientFailed({ kind: 'browser_gone', detail })
    const browser = await pTimeout(Promise.race([up, ended]), { milliseconds: launchMs, message })
    answers = true
    return browser
  }

  /** Closes it cleanly, and by force after `closeMs`. Resolves when every process of it is gone; never rejects. */
  async close(browser: { close(): Promise<void> } | undefined, closeMs: number): Promise<void> {
    const late = new Error('Chromium does not end')
    const clean = browser?.close() ?? Promise.reject(late)
    const isClosed = Promise.all([clean, this.exited])
    await pTimeout(isClosed, { milliseconds: closeMs, message: late }).catch(() => this.kill())
    await this.exited
    const limit = Date.now() + STRAGGLER_LIMIT_MS
    while (this.pid !== undefined && isGroupAlive(this.pid) && Date.now() < limit)
      await sleep(STRAGGLER_POLL_MS)
  }

  /** SIGKILL to the whole group, at once. Does nothing when it is gone. */
  kill(): void {
    if (!this.#isGone && this.pid !== undefined) signalGroup(this.pid, 'SIGKILL')
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

/** The command that takes a file's lock and becomes the command after it. */
export function lockCommand(lockPath: string): string[] {
  return ['flock', '--nonblock', '--no-fork', '--conflict-exit-code', String(LOCK_HELD_EXIT_CODE), lockPath]
}

/** Another user than ours cannot use our home folder, so that it gets the profile for one. */
function environmentOf(user: UnixUser | null, profilePath: string): NodeJS.ProcessEnv {
  const passedOn = Object.entries(process.env).filter(([name]) => PASSED_ON.test(name))
  if (user === null) return Object.fromEntries(passedOn)
  return {
    ...Object.fromEntries(passedOn.filter(([name]) => !OF_OUR_USER.test(name))),
    HOME: profilePath,
  }
}
