import type { FrameFromPage } from '../wire.ts'
import { extrasOf, msgOf, rowOf } from './message-row.ts'
import { messageStorage } from './message-storage.ts'
import { WAWebCollections } from './modules/wa-web-collections.ts'
import type { MsgModel } from './msg-model.ts'
import { pageSettings } from './page-settings.ts'
import { wireLink } from './wire-link.ts'

export interface SendResult {
  messageSendResult: 'OK' | 'ERROR_UNKNOWN'
  /** Unix time in seconds. */
  t: number
}

interface Entry {
  msg: MsgModel
  mayLeave: boolean
  /** The connection on which it left last; on every later one it leaves again, until the server acks it. */
  leftOn: number
  settle: (result: SendResult) => void
}

/** Messages of ours that the server has not acked, oldest first. They outlive the page in IndexedDB. */
class Outbox {
  readonly #entries = new Map<string, Entry>()
  #connection = 0
  #open = false

  /** Stores the message and sends it, in the order that the settings say. Resolves on the server's ack. */
  send(msg: MsgModel): Promise<SendResult> {
    const { promise, resolve } = Promise.withResolvers<SendResult>()
    const entry = { msg, mayLeave: false, leftOn: 0, settle: resolve }
    this.#entries.set(msg.id.id, entry)
    const committed = messageStorage.put('message', rowOf(msg, true))
    if (pageSettings.current.sendBeforeCommit) this.#release(entry)
    else committed.then(() => this.#release(entry)).catch(reportError)
    return promise
  }

  /** What the last run of the page did not get acked. */
  async load(): Promise<void> {
    for (const row of await messageStorage.pending()) {
      const msg = WAWebCollections.Msg.get(row.id) ?? WAWebCollections.Msg.add(msgOf(row))
      WAWebCollections.Chat.open(msg.id.remote).msgs.add(msg)
      if (this.#entries.has(msg.id.id)) continue
      this.#entries.set(msg.id.id, { msg, mayLeave: true, leftOn: 0, settle: () => {} })
    }
  }

  connected(): void {
    this.#connection += 1
    this.#open = true
    for (const entry of this.#entries.values()) if (entry.mayLeave) this.#leave(entry)
  }

  disconnected(): void {
    this.#open = false
  }

  /** Takes an acked or refused message out. */
  settle(id: string, ack: number, t: number): void {
    const entry = this.#entries.get(id)
    this.#entries.delete(id)
    entry?.settle({ messageSendResult: ack < 0 ? 'ERROR_UNKNOWN' : 'OK', t })
  }

  #release(entry: Entry): void {
    entry.mayLeave = true
    this.#leave(entry)
  }

  #leave(entry: Entry): void {
    if (!this.#open || entry.leftOn === this.#connection) return
    if (wireLink.send(messageFrame(entry.msg))) entry.leftOn = this.#connection
  }
}

function messageFrame(msg: MsgModel): FrameFromPage {
  const { id, to, body, type, quotedMsg, quotedStanzaID, quotedParticipant } = msg
  const extras = extrasOf(msg)
  return {
    t: 'message',
    id: id.id,
    chatId: to.toString(),
    body,
    type,
    ...(quotedMsg &&
      quotedStanzaID !== undefined && {
        quoted: { id: quotedStanzaID, participant: String(quotedParticipant), ...quotedMsg },
      }),
    ...(Object.keys(extras).length > 0 && { extras }),
  }
}

export const outbox = new Outbox()
