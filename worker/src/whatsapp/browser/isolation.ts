import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { BrowserMissing } from '../client-errors.ts'

/** `CHROMIUM_SANDBOX`: where it is possible, in any case, never. */
export type SandboxChoice = 'auto' | 'on' | 'off'

export interface UnixUser {
  uid: number
  gid: number
}

/** The user `nobody` of every Linux. No person is behind it, and it owns nothing but the profiles that root's workers make. */
export const NOBODY: UnixUser = { uid: 65_534, gid: 65_534 }

export interface Isolation {
  /** Who Chromium runs as; null for whoever starts it. */
  user: UnixUser | null
  /** Why Chromium runs without its sandbox, as a clause; null where it runs in it. */
  noSandbox: string | null
}

interface Place {
  executablePath: string
  /** The operator's own flags. */
  chromiumArgs: readonly string[]
  /** The folder that holds the profiles. */
  profiles: string
  userId?: number | undefined
}

const MAY_NOT_RUN = 11
const MAY_NOT_ENTER = 12
const NO_NAMESPACE = 13
const MAKE_NAMESPACE = `unshare --user --map-root-user true || exit ${NO_NAMESPACE}`
const PROBE = `test -x "$1" || exit ${MAY_NOT_RUN}; test -x "$2" || exit ${MAY_NOT_ENTER}; ${MAKE_NAMESPACE}`
const SETUID_BIT = 0o4000
const OTHERS_ENTER = 0o001

/**
 * Decides how Chromium is started here. Chromium refuses its sandbox to root, so that root starts it as `nobody`. Any user
 * needs a user namespace for it, which Docker's default seccomp profile and some kernels refuse, or a setuid helper.
 * @throws BrowserMissing where the sandbox is demanded and cannot be had
 */
export function isolationOf(
  choice: SandboxChoice,
  { executablePath, chromiumArgs, profiles, userId = process.getuid?.() }: Place,
): Isolation {
  if (choice === 'off') return { user: null, noSandbox: 'CHROMIUM_SANDBOX is off' }
  const user = userId === 0 ? NOBODY : null
  const noSandbox = chromiumArgs.includes('--no-sandbox')
    ? 'CHROMIUM_ARGS has --no-sandbox'
    : obstacle(user, executablePath, profiles)
  if (noSandbox === null) return { user, noSandbox }
  if (choice === 'on')
    throw new BrowserMissing(`CHROMIUM_SANDBOX is on, and there can be none: ${noSandbox}.`)
  return { user: null, noSandbox }
}

/** The command that becomes another user and then the command after it, in the same process. */
export function becomeUser({ uid, gid }: UnixUser): string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--']
}

/** The folder of the profiles holds other users' folders, so they may pass through it. They may not list it. */
function openToOthers(profiles: string): void {
  try {
    mkdirSync(profiles, { recursive: true, mode: 0o711 })
    const { uid, mode } = statSync(profiles)
    if (uid === 0 && (mode & OTHERS_ENTER) === 0) chmodSync(profiles, (mode & 0o7777) | 0o011)
  } catch {
    // `obstacle` finds out whether it can be entered
  }
}

function obstacle(user: UnixUser | null, executablePath: string, profiles: string): string | null {
  if (user !== null) openToOthers(profiles)
  const [become = 'sh', ...args] = user === null ? [] : [...becomeUser(user), 'sh']
  const probe = [...args, '-c', user === null ? MAKE_NAMESPACE : PROBE, 'sh', executablePath, profiles]
  const { status } = spawnSync(become, probe, { stdio: 'ignore' })
  if (status === 0 || (status === NO_NAMESPACE && hasSetuidHelper(executablePath))) return null
  if (user === null) return 'this kernel or container allows no user namespaces'
  const reason = whyNotAsNobody(status, executablePath, profiles)
  return `it runs as root, since ${reason}`
}

function whyNotAsNobody(status: number | null, executablePath: string, profiles: string): string {
  if (status === NO_NAMESPACE) return 'this kernel or container allows no user namespaces'
  if (status === MAY_NOT_RUN) return `the user nobody may not run ${executablePath}`
  if (status !== MAY_NOT_ENTER) return 'setpriv cannot become the user nobody here'
  const folder = firstClosed(profiles)
  return `the user nobody may not enter ${folder} (run chmod o+x ${folder}, or set DATA_DIR to a folder elsewhere)`
}

/** The first folder on the way to `path` that other users may not enter. */
function firstClosed(path: string): string {
  let folder = '/'
  for (const name of resolve(path).split('/').filter(Boolean)) {
    folder = join(folder, name)
    if (((statSync(folder, { throwIfNoEntry: false })?.mode ?? 0) & OTHERS_ENTER) === 0) return folder
  }
  return path
}

function hasSetuidHelper(executablePath: string): boolean {
  const helper = statSync(join(dirname(executablePath), 'chrome-sandbox'), { throwIfNoEntry: false })
  return helper !== undefined && helper.uid === 0 && (helper.mode & SETUID_BIT) !== 0
}
