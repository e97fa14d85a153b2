import type { LaunchOptions } from './browser/locked-chromium.ts'
import type { ClientTimeouts } from './client-timeouts.ts'
import type { Libraries } from './library/stock-client.ts'

export interface PageClientOptions extends LaunchOptions {
  /** The browser's process group, from its start until it is gone. */
  onBrowserPid(pid: number | null): void
  timeouts?: Partial<ClientTimeouts>
  loadLibraries: () => Libraries
}
