import type { PageGlobals } from './page-globals.ts'

/** What the page tells us by itself. Short on purpose: the calls from page to Node bound the rate of sends. */
export type PageEvent =
  | { type: 'state'; state: string }
  | { type: 'progress'; percent: number }
  | { type: 'logout' }
  | { type: 'passkey' }
  | { type: 'ack'; id: string; ack: number }

/**
 * Runs in the page, once per document: attaches our own listeners, which give small facts through the binding
 * instead of whole serialised messages. Facts of one turn travel together, and receipts, for which nobody waits as for the
 * server's ack, a moment later.
 */
export function reportPageEvents(bindingName: string): void {
  const page = window as unknown as PageGlobals
  if (page.sessionGatewayListens) return
  const tell = (window as unknown as Record<string, (json: string) => void>)[bindingName]
  if (!tell) throw new Error('the binding is not there')
  const serverAck = 1
  const receiptsWithinMs = 50
  const gathering = (whenFirst: (tellAll: () => void) => void) => {
    const gathered: PageEvent[] = []
    return (event: PageEvent) => {
      if (gathered.push(event) === 1) whenFirst(() => tell(JSON.stringify(gathered.splice(0))))
    }
  }
  const reportNow = gathering(queueMicrotask)
  const reportSoon = gathering((tellAll) => setTimeout(tellAll, receiptsWithinMs))
  const report = (event: PageEvent) => {
    if (event.type === 'ack' && event.ack > serverAck) reportSoon(event)
    else reportNow(event)
  }

  const { Msg } = page.require('WAWebCollections')
  const { Socket } = page.require('WAWebSocketModel')
  const { Cmd } = page.require('WAWebCmd')

  Msg.on('change:ack', (msg: { id: { id: string; fromMe: boolean } }, ack: number) => {
    if (msg.id.fromMe) report({ type: 'ack', id: msg.id.id, ack })
  })
  const refreshQr = () => {
    // While a pairing code is shown the page idles on purpose.
    if (page.codeInterval !== undefined) return
    if (Cmd.refreshQR) Cmd.refreshQR()
    else page.require('WAWebLaunchSocketUtils').refreshQR()
  }
  Socket.on('change:state', (_socket: unknown, state: string) => {
    report({ type: 'state', state })
    if (state === 'UNPAIRED_IDLE') refreshQr()
  })
  Cmd.on('offline_progress_update_from_bridge', () => {
    const { OfflineMessageHandler } = page.require('WAWebOfflineHandler')
    report({ type: 'progress', percent: OfflineMessageHandler.getOfflineDeliveryProgress() })
  })
  for (const event of ['logout', 'logout_from_bridge']) Cmd.on(event, () => report({ type: 'logout' }))

  // The page runs a WebAuthn ceremony when the account wants a passkey for a new device (Baileys #2672). No one is
  // here to take part in it.
  const credentials = navigator.credentials
  const ask = credentials?.get.bind(credentials)
  if (ask) {
    credentials.get = (options) => {
      if (options?.publicKey && options.mediation !== 'conditional') report({ type: 'passkey' })
      return ask(options)
    }
  }

  page.sessionGatewayListens = true
  report({ type: 'state', state: Socket.state })
  if (Socket.state === 'UNPAIRED_IDLE') refreshQr()
}
