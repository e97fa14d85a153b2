import type { PageSettings } from '../wire.ts'

/** What the server told this page to be like. Held until the first frame of a connection brings the real ones. */
export const pageSettings: { current: PageSettings } = {
  current: {
    syncDelayMs: 0,
    syncWaits: false,
    reconnectDelayMs: 500,
    staleLogin: 'reload',
    chatNeedsLid: false,
    hangPage: 'no',
    leakMbPerSecond: 0,
    offlineWaitLimitMs: 300_000,
    account: {},
  },
}
