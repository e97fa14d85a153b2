import type { PageMessageFacts, PageMessageModel } from './describe-message.ts'
import type { PageGlobals } from './page-globals.ts'

/** What the page tells of what happens in chats. */
export type PageNews =
  | { type: 'message'; message: PageMessageFacts }
  /** One of our listeners could not be attached, so that what it hears is missing. */
  | { type: 'deaf'; listener: string; detail: string }

/**
 * Runs in the page after `reportPageEvents`, again whenever more of it may be there: attaches our listeners for what happens in
 * chats, each by itself, so that one whose module is missing keeps no other from listening. Messages of our own that this page
 * sends are left out: what becomes of those is known.
 */
export function hearMessages(): void {
  const page = window as unknown as PageGlobals
  const { sessionGatewayListens: attached, sessionGatewayKit: kit } = page
  if (!attached || !kit.tell) throw new Error('the page does not report yet')
  const { tell, describeMessage } = kit
  const attach = (listener: string, listen: () => void) => {
    if (attached.has(listener)) return
    try {
      listen()
      attached.add(listener)
    } catch (error) {
      tell({ type: 'deaf', listener, detail: String(error).slice(0, 200) })
    }
  }

  attach('message', () => {
    const heard = (msg: PageMessageModel) => tell({ type: 'message', message: describeMessage(msg) })
    page.require('WAWebCollections').Msg.on('add', (msg: PageMessageModel) => {
      // One of ours has no ack yet when this page sends it, and one that the phone wrote has.
      if (!msg.isNewMsg || (msg.id.fromMe && (msg.ack ?? 0) < 1)) return
      // It could not be decrypted yet, and becomes a message when it is.
      if (msg.type === 'ciphertext') msg.once('change:type', () => heard(msg))
      else heard(msg)
    })
  })
}
