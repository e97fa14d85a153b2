import type { Logger } from '@wsg/shared/logger.ts'
import type { World } from './browser/profile.ts'
import type { SandboxChoice } from './browser/sandbox-support.ts'
import type { ClientTimeouts } from './client-timeouts.ts'
import type { Libraries } from './library/stock-client.ts'

export interface PageClientOptions {
  sessionId: string
  profilePath: string
  lockPath: string
  world: World
  /** Instead of looking for a browser. */
  executablePath?: string | undefined
  chromiumArgs: readonly string[]
  /** `auto` where it is not given. */
  sandbox?: SandboxChoice
  logger: Logger
  /** The browser's process group, from its start until it is gone. */
  onBrowserPid(pid: number | null): void
  timeouts?: Partial<ClientTimeouts>
  loadLibraries: () => Libraries
  downloadedChromium: () => string | undefined
}
