import { setTimeout as pause } from 'node:timers/promises'
import type { Gate } from '../gate.ts'
import type { AckWatch } from './ack-watch.ts'
import type { ChatLanes } from './chat-lanes.ts'
import type { QueueSettings } from './queue-settings.ts'

/** Sends that were handed over and have no ack yet. More of them make the page slower, not faster. */
const MAX_IN_FLIGHT = 16
/** Neither Node nor a browser waits longer in one timer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** One message may be handed over. Each call counts once. */
export interface Permit {
  /** It no longer counts as in flight, though its outcome is open. */
  free(): void
  /** Its outcome is known, or will not be. @param wasUsed false where nothing was handed over */
  end(wasUsed?: boolean): void
}

export interface DispatcherOptions {
  /** Nothing is handed over while WhatsApp is not connected. */
  connected: Gate
  /** Nor while the page lacks what sending needs. */
  able: Gate
  settings: QueueSettings
  lanes: ChatLanes
  ackWatch: AckWatch
}

interface Waiting {
  chatId: string
  resolve(permit: Permit | null): void
}

/**
 * Says when the head of a lane may be handed over: after the pause between two messages to one chat, when fewer than
 * `MAX_IN_FLIGHT` are in flight, urgent lanes first, as fast as the pacing allows, and not while the session is paused,
 * not connected, without what sending needs of the page, held by its daily cap, or in doubt whether anything of it is acked.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #waiting: Waiting[] = []
  #inFlight = 0
  /** Permits whose outcome is open. */
  #open = 0
  #closed = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: DispatcherOptions) {
    this.#options = options
  }

  /** Waits until a message to a chat may be handed over. @returns null where nothing is handed over any more */
  async permit(chatId: string): Promise<Permit | null> {
    await this.#chatGap(chatId)
    if (this.#closed) return null
    return await new Promise((resolve) => {
      this.#waiting.push({ chatId, resolve })
      this.dispatch()
    })
  }

  /** Whether nothing may be handed over any more with a permit that was given before. */
  get isHeld(): boolean {
    // The permit of whoever asks is among the open ones.
    return this.#closed || this.#isHeldWith(Math.max(0, this.#open - 1))
  }

  /** Gives permits to whoever may go now. To be called when something that they depend on has changed. */
  dispatch(): void {
    clearTimeout(this.#timer)
    const { pacer } = this.#options.settings
    while (!this.#closed && this.#waiting.length > 0 && this.#inFlight < MAX_IN_FLIGHT) {
      if (this.#isHeldWith(this.#open)) return
      const delayMs = pacer.delayMs(this.#open)
      if (delayMs > 0) {
        if (delayMs < Number.POSITIVE_INFINITY)
          this.#timer = setTimeout(() => this.dispatch(), Math.min(delayMs, LONGEST_TIMER_MS))
        return
      }
      const { chatId, resolve } = this.#nextWaiting()
      pacer.given()
      resolve(this.#give(chatId))
    }
  }

  /** Nothing is handed over any more. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const { resolve } of this.#waiting.splice(0)) resolve(null)
  }

  #nextWaiting(): Waiting {
    const urgent = this.#waiting.findIndex(({ chatId }) => this.#options.lanes.isUrgent(chatId))
    return this.#waiting.splice(Math.max(0, urgent), 1)[0] as Waiting
  }

  #give(chatId: string): Permit {
    let isOpen = true
    let counts = true
    this.#open += 1
    this.#inFlight += 1
    const free = () => {
      if (!counts) return
      counts = false
      this.#inFlight -= 1
      this.dispatch()
    }
    const end = (wasUsed = true) => {
      if (!isOpen) return
      isOpen = false
      this.#open -= 1
      const { settings, lanes } = this.#options
      if (wasUsed) settings.pacer.wentTo(lanes.laneOf(chatId))
      else settings.pacer.unused()
      if (counts) free()
      else this.dispatch()
    }
    return { free, end }
  }

  #isHeldWith(open: number): boolean {
    const { connected, able, settings, ackWatch } = this.#options
    return settings.isPaused || !connected.isOpen || !able.isOpen || !ackWatch.allows(open)
  }

  /** The pause within a chat begins with the outcome of a message. */
  async #chatGap(chatId: string): Promise<void> {
    const { settings, lanes } = this.#options
    const waitMs = () => settings.pacer.chatDelayMs(lanes.laneOf(chatId))
    for (let ms = waitMs(); ms > 0; ms = waitMs()) await pause(Math.ceil(ms), undefined, { ref: false })
  }
}
