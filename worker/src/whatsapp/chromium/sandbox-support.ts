import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Why Chromium has to run without its sandbox; null where it need not. */
export type NoSandboxReason = 'root' | 'kernel_refuses' | null

const SETUID = 0o4000

/**
 * Whether Chromium can put itself into its sandbox here. Chromium refuses to run as root with it; as anyone else it
 * needs a user namespace, which Docker's default seccomp profile and some kernels refuse, or a setuid helper.
 */
export function whyNoSandbox(executablePath: string, userId = process.getuid?.()): NoSandboxReason {
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
