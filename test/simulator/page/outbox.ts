import type { FrameFromPage } from '../wire.ts'
import { extrasOf, rowOf } from './message-row.ts'
import { messageStorage } from './message-storage.ts'
import type { MsgModel } from './msg-model.ts'
import { wireLink } from './wire-link.ts'

export interface SendResult {
  messageSendResult: 'OK' | 'ERROR_UNKNOWN'
  /** Unix time in seconds. */
  t: number
}

interface Entry {
  msg: MsgModel
  /** The connection on which it left last; on every later one it leaves again, until the server acks it. */
  leftOn: number
  settle: (result: SendResult) => void
}

/** The messages that this document is sending and that the server has not acked, oldest first. They end with it. */
class Outbox {
  readonly #entries = new Map<string, Entry>()
  #connection = 0
  #open = false

  /** Stores a new message, then sends it. `sent` resolves on the server's ack. */
  send(msg: MsgModel): { stored: Promise<void>; sent: Promise<SendResult> } {
    const { promise: sent, resolve } = Promise.withResolvers<SendResult>()
    const stored = messageStorage.add(rowOf(msg)).then(() => this.#leave({ msg, leftOn: 0, settle: resolve }))
    return { stored, sent }
  }

  /** Sends a message that was marked as failed once more, under its id. Resolves on the server's ack. */
  async resend(msg: MsgModel): Promise<SendResult> {
    msg.set({ ack: 0, isSendFailure: false })
    await messageStorage.put('message', rowOf(msg))
    const { promise, resolve } = Promise.withResolvers<SendResult>()
    this.#leave({ msg, leftOn: 0, settle: resolve })
    return promise
  }

  connected(): void {
    this.#connection += 1
    this.#open = true
    for (const entry of this.#entries.values()) this.#leave(entry)
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

  #leave(entry: Entry): void {
    this.#entries.set(entry.msg.id.id, entry)
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
