import type { PageGlobals } from './page-globals.ts'

/**
 * Runs in the page: a real round trip through its message store, because a wedged page still says CONNECTED. Before
 * the login there is no store to ask. @returns WhatsApp Web's own word for its connection
 */
export async function roundTrip(): Promise<string> {
  const page = window as unknown as PageGlobals
  const { Socket } = page.require('WAWebSocketModel')
  if (Socket.hasSynced) await page.require('WAWebCollections').Msg.getMessagesById(['true_0@c.us_0'])
  return Socket.state
}
