import type { FrameFromPage, FrameFromServer } from '../wire.ts'
import { extrasOf } from './message-row.ts'
import type { MsgModel } from './msg-model.ts'
import { wireLink } from './wire-link.ts'

type Answer = Extract<FrameFromServer, { t: 'ack' }>

interface Stanza {
  frame: FrameFromPage
  /** The connection on which it left last; on every later one it leaves again, until the server answers. */
  leftOn: number
  answered: (answer: Answer) => void
}

/** The messages of this document that the server has not answered, oldest first. They end with the document. */
class Outbox {
  readonly #stanzas = new Map<string, Stanza>()
  #connection = 0
  #open = false

  /** Puts a message on the wire, again at each reconnect. Resolves with the server's answer, however late. */
  send(msg: MsgModel): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>()
    const stanza = { frame: messageFrame(msg), leftOn: 0, answered: resolve }
    this.#stanzas.set(msg.id.id, stanza)
    this.#leave(stanza)
    return promise
  }

  connected(): void {
    this.#connection += 1
    this.#open = true
    for (const stanza of this.#stanzas.values()) this.#leave(stanza)
  }

  disconnected(): void {
    this.#open = false
  }

  /** Gives a message up, whether it left or not: it does not go out again. */
  forget(id: string): void {
    this.#stanzas.delete(id)
  }

  take(answer: Answer): void {
    const stanza = this.#stanzas.get(answer.id)
    this.#stanzas.delete(answer.id)
    stanza?.answered(answer)
  }

  #leave(stanza: Stanza): void {
    if (!this.#open || stanza.leftOn === this.#connection) return
    if (wireLink.send(stanza.frame)) stanza.leftOn = this.#connection
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
