import type { PageMessageFacts, PageMessageModel } from './describe-message.ts'
import type { PageGlobals } from './page-globals.ts'

/** What the page tells of what happens in chats. */
export type PageNews =
  | { type: 'message'; message: PageMessageFacts }
  /** One of our listeners could not be attached, so that what it hears is missing. */
  | { type: 'deaf'; listener: string; detail: string }

interface ListeningPage extends PageGlobals {
  /** Which of our listeners the document has. */
  sessionGatewayHears?: Set<string>
}

/**
 * Runs in the page, again whenever more of it may be there: attaches our listeners for what happens in chats, each by itself, so
 * that one whose module is missing keeps no other from listening. They tell small facts through the binding. Messages of our own
 * that this page sends are left out: what becomes of those is known.
 */
export function hearMessages(bindingName: string): void {
  const page = window as unknown as ListeningPage
  const tell = (window as unknown as Record<string, (json: string) => void>)[bindingName]
  if (!tell) throw new Error('the binding is not there')
  page.sessionGatewayHears ??= new Set()
  const hears = page.sessionGatewayHears
  const gathered: PageNews[] = []
  const report = (news: PageNews) => {
    if (gathered.push(news) === 1) queueMicrotask(() => tell(JSON.stringify(gathered.splice(0))))
  }
  const attach = (listener: string, listen: () => void) => {
    if (hears.has(listener)) return
    try {
      listen()
      hears.add(listener)
    } catch (error) {
      report({ type: 'deaf', listener, detail: String(error).slice(0, 200) })
    }
  }

  attach('message', () => {
    const { describeMessage } = page.sessionGatewayKit
    const heard = (msg: PageMessageModel) => report({ type: 'message', message: describeMessage(msg) })
    page.require('WAWebCollections').Msg.on('add', (msg: PageMessageModel) => {
      // One of ours has no ack yet when this page sends it, and one that the phone wrote has.
      if (!msg.isNewMsg || (msg.id.fromMe && (msg.ack ?? 0) < 1)) return
      // It could not be decrypted yet, and becomes a message when it is.
      if (msg.type === 'ciphertext') msg.once('change:type', () => heard(msg))
      else heard(msg)
    })
  })
}
