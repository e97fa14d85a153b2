import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BrowserMissing } from '../client-errors.ts'

/** Why Chromium runs without its sandbox; null where it does not. */
export type NoSandboxReason = 'switched_off' | 'root' | 'kernel_refuses' | null

/** `CHROMIUM_SANDBOX`: where it is possible, in any case, never. */
export type SandboxChoice = 'auto' | 'on' | 'off'

const SETUID = 0o4000

/**
 * Whether Chromium is to put itself into its sandbox here, and can.
 * @throws BrowserMissing where the sandbox is demanded and cannot be had
 */
export function whyNoSandbox(
  choice: SandboxChoice,
  executablePath: string,
  userId = process.getuid?.(),
): NoSandboxReason {
  if (choice === 'off') return 'switched_off'
  const obstacle = obstacleHere(executablePath, userId)
  if (obstacle !== null && choice === 'on')
    throw new BrowserMissing(`CHROMIUM_SANDBOX is on, and there can be no sandbox here (${obstacle})`)
  return obstacle
}

/**
 * Chromium refuses to run as root with its sandbox; as anyone else it needs a user namespace, which Docker's default
 * seccomp profile and some kernels refuse, or a setuid helper.
 */
function obstacleHere(executablePath: string, userId: number | undefined): 'root' | 'kernel_refuses' | null {
  if (process.platform !== 'linux') return null
  if (userId === 0) return 'root'
  return mayMakeUserNamespace() || hasSetuidHelper(executablePath) ? null : 'kernel_refuses'
}

function mayMakeUserNamespace(): boolean {
  return spawnSync('unshare', ['--user', '--map-root-user', 'true'], { stdio: 'ignore' }).status === 0
}

function hasSetuidHelper(executablePath: string): boolean {
  try {
    const helper = statSync(join(dirname(executablePath), 'chrome-sandbox'))
    return helper.uid === 0 && (helper.mode & SETUID) !== 0
  } catch {
    return false
  }
}
