import type { SimulatorClient } from '../support/simulator-client.ts'
import type { Chat } from './chat-sender.ts'
import type { Turnstile } from './turnstile.ts'

/** What somebody wrote to a session. */
export interface InboundMessage {
  session: string
  from: string
  /** Its number in the chat, from 1 on. */
  turn: number
  /** WhatsApp's id. */
  id: string
}

/** Others, who write to the sessions at the pace at which the sessions send. */
export class InboundWriter {
  readonly written: InboundMessage[] = []
  readonly #simulator: SimulatorClient
  readonly #chats: readonly (Chat & { phone: string })[]

  constructor(simulator: SimulatorClient, chats: readonly (Chat & { phone: string })[]) {
    this.#simulator = simulator
    this.#chats = chats
  }

  /** Writes `count` messages, chat after chat, while `sends` pass. */
  async run(turnstile: Turnstile, { count, sends }: { count: number; sends: number }): Promise<void> {
    for (let n = 0; n < count; n++) {
      await turnstile.until(Math.floor((n * sends) / count))
      const chat = this.#chats[n % this.#chats.length]
      if (chat === undefined) return
      const turn = Math.floor(n / this.#chats.length) + 1
      const id = await this.#write(chat, `inbound ${turn}`)
      this.written.push({ session: chat.session, from: chat.to, turn, id })
    }
  }

  /** On a busy machine the simulator may have closed an idle connection that is used again. */
  async #write({ phone, to }: Chat & { phone: string }, text: string): Promise<string> {
    const write = () => this.#simulator.inbound(phone, to, text)
    return await write().catch(write)
  }
}
