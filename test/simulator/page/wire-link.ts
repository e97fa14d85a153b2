import type { FrameFromPage, NumberedFrame, Queries, QueryName } from '../wire.ts'
import { Emitter } from './emitter.ts'
import { isWedged, passFaults } from './faults.ts'
import { pageSettings } from './page-settings.ts'
import { ServerStatusCodeError } from './server-status-code-error.ts'

interface Waiting {
  frame: Extract<FrameFromPage, { t: 'query' }>
  resolve: (answer: never) => void
  reject: (error: Error) => void
}

/** The page's WebSocket. Opens again by itself when it drops; unanswered queries are asked again then, under their numbers. */
class WireLink extends Emitter {
  readonly #waiting = new Map<number, Waiting>()
  #socket: WebSocket | null = null
  #stopped = false
  /** Begins anywhere, so that no other document of this login gives its queries the same numbers. */
  #seq = Math.floor(Math.random() * 2 ** 40)
  #incoming = Promise.resolve()

  open(): void {
    this.#stopped = false
    const socket = new WebSocket('wss://web.whatsapp.com/ws/chat')
    this.#socket = socket
    socket.onopen = () => {
      this.trigger('open')
      for (const { frame } of this.#waiting.values()) this.send(frame)
    }
    socket.onmessage = ({ data }) => {
      // A socket that was given up may still bring what the server said meanwhile, such as a conflict with ourselves.
      if (this.#socket !== socket) return
      const frame = JSON.parse(String(data)) as NumberedFrame
      // Settings, marks and a crash reach even a wedged page: they come from outside of what is simulated.
      if (!isWedged() || ['settings', 'mark', 'crash'].includes(frame.t)) return this.#take(frame, socket)
      this.#incoming = this.#incoming.then(passFaults).then(() => this.#take(frame, socket))
    }
    socket.onclose = () => {
      if (this.#socket !== socket) return
      this.#socket = null
      this.trigger('close')
      if (!this.#stopped)
        setTimeout(() => this.#stopped || this.open(), pageSettings.current.reconnectDelayMs)
    }
  }

  /** Opens a fresh connection, as the real page does after pairing. */
  reopen(): void {
    const old = this.#socket
    this.#socket = null
    old?.close()
    this.open()
  }

  /** Closes for good, until `open` is called. */
  stop(): void {
    this.#stopped = true
    const old = this.#socket
    this.#socket = null
    old?.close()
  }

  /** False when the frame could not leave. */
  send(frame: FrameFromPage): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN || isWedged()) return false
    this.#socket.send(JSON.stringify(frame))
    return true
  }

  async query<Name extends QueryName>(
    name: Name,
    ask: Queries[Name]['ask'],
  ): Promise<Queries[Name]['answer']> {
    await passFaults()
    const { promise, resolve, reject } = Promise.withResolvers<Queries[Name]['answer']>()
    const frame = { t: 'query' as const, seq: ++this.#seq, name, ask }
    this.#waiting.set(frame.seq, { frame, resolve, reject })
    this.send(frame)
    return promise
  }

  #take(frame: NumberedFrame, socket: WebSocket): void {
    // Before it is handled, in the same turn: a page that freezes or crashes could not answer afterwards.
    const { receipt } = frame
    if (receipt !== undefined && socket.readyState === WebSocket.OPEN)
      socket.send(JSON.stringify({ t: 'receipt', number: receipt } satisfies FrameFromPage))
    if (frame.t === 'answer' || frame.t === 'refused') {
      const waiting = this.#waiting.get(frame.seq)
      this.#waiting.delete(frame.seq)
      if (frame.t === 'answer') waiting?.resolve(frame.answer as never)
      else waiting?.reject(refusal(frame.reason))
      return
    }
    this.trigger(frame.t, frame)
  }
}

/** A refusal that begins with a status is the server's, any other one the simulator's own. */
function refusal(reason: string): Error {
  const [, status, text = ''] = /^(\d{3}): (.*)$/.exec(reason) ?? []
  return status === undefined ? new Error(reason) : new ServerStatusCodeError(Number(status), text)
}

export const wireLink = new WireLink()
