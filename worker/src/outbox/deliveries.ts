import { setTimeout as pause } from 'node:timers/promises'
import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import type { ResolvedChat } from '../whatsapp/whatsapp-client.ts'
import type { AwaitedAck } from './ack-tracker.ts'
import { awaitEarlierSend, type SendOutcome, type SendParts, sendMessage } from './deliver-message.ts'
import type { Permit } from './permits.ts'

/** After this long without an ack the page is asked, and the message no longer counts: only its lane waits on. */
const ACK_OVERDUE_MS = 10_000
/** How long a message that was not sent rests before it is tried again, in ms. */
const AGAIN_AFTER_MS = 200

export interface DeliveriesOptions extends SendParts {
  /** It cannot be known whether the client did what it must: this ownership has to end as a fault. */
  onUndecided(): void
}

/** The messages of one session that are with WhatsApp and whose outcome is still open. */
export class Deliveries {
  readonly #options: DeliveriesOptions
  readonly #inFlight = new Map<string, { chatId: string; turn: Permit }>()
  readonly #open = new Set<Promise<unknown>>()
  readonly #chase: NodeJS.Timeout

  constructor(options: DeliveriesOptions) {
    this.#options = options
    this.#chase = setInterval(() => void this.#chaseOverdue(), ACK_OVERDUE_MS / 2)
  }

  /**
   * Writes the intent to send a queued message, and sends it. The turn is over with it.
   * @returns false where it was not sent and is `queued` again
   */
  async begin(messageId: string, chat: ResolvedChat, turn: Permit): Promise<boolean> {
    const { messages, client } = this.#options
    const outcome = await this.#track(async () => {
      client.reach()
      const record = await messages.begin(messageId, chat)
      if (record === null) {
        turn.end(false)
        return 'settled'
      }
      const sent = record === 'unconfirmed' ? 'not_sent' : await this.#send(record, chat, turn)
      if (sent === 'not_sent') await messages.move(messageId, 'queued')
      return sent
    }, turn)
    return await this.#isOver(outcome)
  }

  /** Sends a message whose intent an earlier owner wrote, under its old id. @returns false where it was not sent */
  async again(record: MessageRecord, chat: ResolvedChat, turn: Permit): Promise<boolean> {
    return await this.#isOver(await this.#track(() => this.#send(record, chat, turn, true), turn))
  }

  /** Waits for the outcome of what an earlier owner handed over; `fullId` is WhatsApp's id of it, where it is known. */
  async follow(
    record: MessageRecord,
    ack: AwaitedAck,
    fullId: string | undefined,
    turn: Permit,
  ): Promise<void> {
    await this.#isOver(await this.#track(() => awaitEarlierSend(record, ack, fullId, this.#options), turn))
  }

  /** Resolves when nothing is open any more, or after `graceMs`. */
  async settled(graceMs: number): Promise<void> {
    await Promise.race([Promise.allSettled(this.#open), pause(graceMs, undefined, { ref: false })])
  }

  /** True while the outcome of anything is open. */
  get isBusy(): boolean {
    return this.#open.size > 0
  }

  stop(): void {
    clearInterval(this.#chase)
  }

  async #send(
    record: MessageRecord,
    chat: ResolvedChat,
    turn: Permit,
    isAgain = false,
  ): Promise<SendOutcome> {
    this.#inFlight.set(record.id, { chatId: chat.chatId, turn })
    try {
      const outcome = await sendMessage(record, chat, this.#options, isAgain)
      if (outcome === 'undecided') this.#options.onUndecided()
      return outcome
    } finally {
      this.#inFlight.delete(record.id)
    }
  }

  async #isOver(outcome: SendOutcome): Promise<boolean> {
    // Its lane stays shut until the next owner.
    if (outcome === 'undecided') await new Promise(() => {})
    // The page is late or gone. Where it is gone for good, the sender is stopped meanwhile.
    if (outcome === 'not_sent') await pause(AGAIN_AFTER_MS)
    return outcome === 'settled'
  }

  async #track<T>(work: () => Promise<T>, turn: Permit): Promise<T> {
    const open = work().finally(() => turn.end())
    this.#open.add(open)
    try {
      return await open
    } finally {
      this.#open.delete(open)
    }
  }

  async #chaseOverdue(): Promise<void> {
    const { acks, client } = this.#options
    for (const messageId of acks.overdue(ACK_OVERDUE_MS)) {
      const handedOver = this.#inFlight.get(messageId)
      handedOver?.turn.free()
      const found = await client.findOutcome(messageId, handedOver?.chatId).catch(() => null)
      if (found?.found === 'acked') acks.arrived(messageId, found.state)
    }
  }
}
