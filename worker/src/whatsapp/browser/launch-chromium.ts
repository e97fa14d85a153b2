import type { Logger } from '@wsg/shared/logger.ts'
import { composeChromiumFlags } from './chromium-flags.ts'
import { findChromium } from './find-chromium.ts'
import { LockedChromium } from './locked-chromium.ts'
import { type SandboxChoice, whyNoSandbox } from './sandbox-support.ts'

interface LaunchSetting {
  profilePath: string
  lockPath: string
  executablePath?: string | undefined
  chromiumArgs: readonly string[]
  sandbox?: SandboxChoice | undefined
  downloadedChromium: () => string | undefined
  logger: Logger
}

/**
 * Starts Chromium on a profile; whether it lives is known later, by its pipe or its exit.
 * @throws BrowserMissing, also where the sandbox is demanded and cannot be had
 */
export function launchChromium(setting: LaunchSetting): LockedChromium {
  const { profilePath, lockPath, chromiumArgs, sandbox = 'auto', logger } = setting
  const found = findChromium({
    executablePath: setting.executablePath,
    downloaded: setting.downloadedChromium,
  })
  const noSandbox = whyNoSandbox(sandbox, found.path)
  if (noSandbox) logger.warn({ reason: noSandbox }, 'Chromium runs without its sandbox')
  const flags = composeChromiumFlags({
    profilePath,
    headlessShell: found.headlessShell,
    sandbox: noSandbox === null,
    extra: chromiumArgs,
  })
  return new LockedChromium({ executablePath: found.path, flags, profilePath, lockPath })
}
