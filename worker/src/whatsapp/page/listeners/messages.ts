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

/** Runs in the page: a message that cannot be read yet becomes a message when it is decrypted, or is told to be none for now. */
export function watchDecryption(msg: PageMessageModel): void {
  const { describeMessage, tell, watched } = (window as unknown as PageGlobals).sessionGatewayKit
  if (watched.has(msg)) return
  watched.add(msg)
  const givenUp = () => tell?.({ type: 'undecryptable', message: describeMessage(msg) })
  // What is to be seen once, and other things, WhatsApp gives to the phone alone.
  const isForPhone = msg.subtype?.endsWith('_unavailable_fanout') ?? false
  const timer = isForPhone ? undefined : setTimeout(givenUp, 20_000)
  if (isForPhone) givenUp()
  msg.once('change:type', () => {
    clearTimeout(timer)
    watched.delete(msg)
    tell?.({ type: 'message', message: describeMessage(msg) })
  })
}
