import type { PageNews } from './listeners/page-news.ts'
import type { PageGlobals } from './page-globals.ts'

/** What the page tells us by itself. Short on purpose: the calls from page to Node bound the rate of sends. */
export type PageEvent =
  | { type: 'state'; state: string }
  | { type: 'progress'; percent: number }
  /** Whether what waited at the server is there. What is handed over before that leaves only afterwards. */
  | { type: 'offline_delivery'; isOver: boolean }
  | { type: 'logout' }
  | { type: 'passkey' }
  | { type: 'ack'; id: string; ack: number }
  /** WhatsApp Web sends one of our messages no more. `result` is its own word for that, or the name of an error. */
  | ({ type: 'send_failure'; id: string } & SendFailureFacts)

export interface SendFailureFacts {
  /** The server refused it: ack -1. */
  isRefused: boolean
  /** The number with which the server refused it. */
  code?: number
  /** WhatsApp Web's word for what became of it, or the name of an error. */
  result?: string
}

/**
 * Runs in the page: attaches our own listeners, which give small facts through the binding instead of whole serialised
 * messages. Facts of one turn travel together, and receipts, for which nobody waits as for the server's ack, a moment later.
 * May be called again: what could not be attached is tried once more.
 */
export function reportPageEvents(bindingName: string): void {
  const page = window as unknown as PageGlobals
  const tell = (window as unknown as Record<string, (json: string) => void>)[bindingName]
  if (!tell) throw new Error('the binding is not there')
  page.sessionGatewayListens ??= new Set()
  const attached = page.sessionGatewayListens
  const serverAck = 1
  const receiptsWithinMs = 50
  const gathering = (whenFirst: (tellAll: () => void) => void) => {
    const gathered: (PageEvent | PageNews)[] = []
    return (event: PageEvent | PageNews) => {
      if (gathered.push(event) === 1) whenFirst(() => tell(JSON.stringify(gathered.splice(0))))
    }
  }
  const reportNow = gathering(queueMicrotask)
  const reportSoon = gathering((tellAll) => setTimeout(tellAll, receiptsWithinMs))
  const report = (event: PageEvent | PageNews) => {
    if (event.type === 'ack' && event.ack > serverAck) reportSoon(event)
    else reportNow(event)
  }

  page.sessionGatewayKit.tell ??= report

  /** What the page lacks costs its own listener alone, and no error of ours reaches the page that calls us. */
  const attempt = (work: () => void): boolean => {
    try {
      work()
      return true
    } catch {
      return false
    }
  }
  const listen = <Facts extends unknown[]>(
    to: () => { on(event: string, listener: (...facts: Facts) => void): void },
    event: string,
    listener: (...facts: Facts) => void,
  ): void => {
    if (attached.has(event)) return
    const isAttached = attempt(() => to().on(event, (...facts) => attempt(() => listener(...facts))))
    if (isAttached) attached.add(event)
  }
  const socket = () => page.require('WAWebSocketModel').Socket
  const commands = () => page.require('WAWebCmd').Cmd
  const isFirst = !attached.has('change:state')

  const messages = () => page.require('WAWebCollections').Msg
  listen(
    messages,
    'change:ack',
    ({ id: { id, fromMe } }: { id: { id: string; fromMe: boolean } }, ack: number) => {
      if (!fromMe) return
      const { sends } = page.sessionGatewayKit
      const send = sends.get(id)
      if (ack >= 0) {
        if (ack > 0) sends.delete(id)
        report({ type: 'ack', id, ack })
      } else if (send) {
        send.isRefused = !send.isPost
        send.fails?.()
      } else report({ type: 'send_failure', id, isRefused: true })
    },
  )
  // Only of what was handed over in this document: what an earlier one left without an ack has this mark as well.
  listen(messages, 'change:isSendFailure', ({ id: { id } }: { id: { id: string } }, failed: boolean) => {
    const send = page.sessionGatewayKit.sends.get(id)
    if (failed) send?.fails?.()
  })
  let wasOver: boolean | undefined
  const tellOfflineDelivery = () => {
    const isOver = commands().isOfflineDeliveryEnd ?? true
    if (isOver !== wasOver) report({ type: 'offline_delivery', isOver })
    wasOver = isOver
  }
  const stateIs = (state: string) => {
    attempt(tellOfflineDelivery)
    report({ type: 'state', state })
    // While a pairing code is shown the page idles on purpose.
    if (state !== 'UNPAIRED_IDLE' || page.codeInterval !== undefined) return
    const { refreshQR } = commands()
    if (refreshQR) refreshQR.call(commands())
    else page.require('WAWebLaunchSocketUtils').refreshQR()
  }
  listen(socket, 'change:state', (_socket: unknown, state: string) => stateIs(state))
  for (const event of ['offline_delivery_end_from_bridge', 'offline_delivery_state_reset_from_bridge'])
    listen(commands, event, tellOfflineDelivery)
  listen(commands, 'offline_progress_update_from_bridge', () => {
    tellOfflineDelivery()
    const { OfflineMessageHandler } = page.require('WAWebOfflineHandler')
    report({ type: 'progress', percent: OfflineMessageHandler.getOfflineDeliveryProgress() })
  })
  for (const event of ['logout', 'logout_from_bridge'])
    listen(commands, event, () => report({ type: 'logout' }))
  if (isFirst) attempt(() => stateIs(socket().state))

  // A page that believes that somebody looks at it shows the account as online, which keeps the phone from ringing.
  const stream = () => page.require('WAWebStreamModel').Stream
  const notAvailable = () => {
    if (stream().available && page.sessionGatewayKit.wantAvailable === 0) stream().markUnavailable()
  }
  listen(stream, 'change:available', notAvailable)
  attempt(notAvailable)

  // Next would come a screen that waits for a person (Baileys #2672). No one is here to go on from it.
  const linking = () => {
    const found = page.require('WAWebLinkDeviceEvents')
    const isEmitter = (one: unknown) => typeof (one as { on?: unknown } | undefined)?.on === 'function'
    return (isEmitter(found) ? found : Object.values(found).find(isEmitter)) as ReturnType<typeof socket>
  }
  listen(linking, 'link_device_events:passkey_prologue_request', () => report({ type: 'passkey' }))
}
