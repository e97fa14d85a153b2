import type { PageMessageModel } from '../describe-message.ts'
import type { PageGlobals } from '../page-globals.ts'
import type { PageListener } from './page-listener.ts'

export const messages = {
  'hearing messages': {
    needs: ['WAWebCollections.Msg.on'],
    without: 'What others write is no event. The session sends all the same.',
    /** Messages of our own that this page sends are left out: what becomes of those is known. */
    listen: () => {
      const page = window as unknown as PageGlobals
      const { describeMessage, guarded, watchDecryption, followPresence, tell } = page.sessionGatewayKit
      const heard = guarded((msg: PageMessageModel) => {
        // One of ours has no ack yet when this page sends it, and one that the phone wrote has.
        if (!msg.isNewMsg || (msg.id.fromMe && (msg.ack ?? 0) < 1)) return
        if (msg.type === 'ciphertext') return watchDecryption(msg)
        tell?.({ type: 'message', message: describeMessage(msg) })
        followPresence(msg.id.remote)
      })
      page.require('WAWebCollections').Msg.on('add', heard)
    },
  },
} satisfies Record<string, PageListener>

/**
 * Runs in the page: a message that cannot be read yet is told as such, and as a message when it is decrypted, or to be none for now.
 * @param isTold that it is none for now was told long ago
 */
export function watchDecryption(msg: PageMessageModel, isTold = false): void {
  const { describeMessage, tell, watched } = (window as unknown as PageGlobals).sessionGatewayKit
  if (watched.has(msg)) return
  watched.add(msg)
  tell?.({ type: 'unreadable', key: msg.id.toString(), t: msg.t })
  const givenUp = () => tell?.({ type: 'undecryptable', message: describeMessage(msg) })
  // What is to be seen once, and other things, WhatsApp gives to the phone alone.
  const isForPhone = msg.subtype?.endsWith('_unavailable_fanout') ?? false
  const timer = isForPhone || isTold ? undefined : setTimeout(givenUp, 20_000)
  if (isForPhone && !isTold) givenUp()
  msg.once('change:type', () => {
    clearTimeout(timer)
    watched.delete(msg)
    tell?.({ type: 'message', message: describeMessage(msg), wasUnreadable: true })
  })
}
