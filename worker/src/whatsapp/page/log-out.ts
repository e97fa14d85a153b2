import type { PageGlobals } from './page-globals.ts'

/** Runs in the page: unlinks this device at WhatsApp. The page reloads itself soon after. */
export async function logOut(): Promise<void> {
  await (window as unknown as PageGlobals).require('WAWebSocketModel').Socket.logout()
}
