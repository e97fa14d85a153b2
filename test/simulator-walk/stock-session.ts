import wweb, { type Client, type Message, type MessageAck } from 'whatsapp-web.js'
import type { Simulator } from '../simulator/simulator.ts'
import { chromium } from '../support/chromium.ts'
import { controlCalls } from './control-calls.ts'

/** What a stock client has emitted, in order. */
export interface Emitted {
  qr: string[]
  code: string[]
  ready: number
  states: string[]
  disconnected: string[]
  message: Message[]
  created: Message[]
  acks: { message: Message; ack: MessageAck }[]
}

/** One stock whatsapp-web.js client on the simulator, with none of our code; ends with `await using`. */
export class StockSession implements AsyncDisposable {
  readonly emitted: Emitted = {
    qr: [],
    code: [],
    ready: 0,
    states: [],
    disconnected: [],
    message: [],
    created: [],
    acks: [],
  }
  readonly client: Client
  #isEnding = false

  constructor(
    simulator: Simulator,
    folder: string,
    options: { clientId: string; pairWithPhoneNumber?: string },
  ) {
    const { clientId, pairWithPhoneNumber } = options
    const { emitted } = this
    const authStrategy = new wweb.LocalAuth({ clientId, dataPath: folder })
    this.client = new wweb.Client({
      authStrategy,
      puppeteer: chromium(simulator.chromiumArgs),
      webVersionCache: { type: 'none' },
      ...(pairWithPhoneNumber && {
        pairWithPhoneNumber: {
          phoneNumber: pairWithPhoneNumber,
          showNotification: true,
          intervalMs: 180_000,
        },
      }),
    })
    // What the library does by itself after a logout or another navigation, and of which nobody hears that it failed.
    this.#skipWhenEnding(authStrategy, 'logout')
    this.#skipWhenEnding(authStrategy, 'beforeBrowserInitialized')
    this.#skipWhenEnding(this.client as Client & { inject(): Promise<void> }, 'inject')
    this.client
      .on('qr', (qr) => emitted.qr.push(qr))
      .on('ready', () => {
        emitted.ready += 1
      })
      .on('change_state', (state) => emitted.states.push(state))
      .on('disconnected', (reason) => emitted.disconnected.push(reason))
      .on('message', (message) => emitted.message.push(message))
      .on('message_create', (message) => emitted.created.push(message))
      .on('message_ack', (message, ack) => emitted.acks.push({ message, ack }))
      // The library's own type leaves `code` out of the events.
      .on('code' as 'qr', (code) => emitted.code.push(code))
  }

  /** Starts the browser and, when the page shows a code, scans it with this phone. Resolves when it is ready. */
  static async paired(simulator: Simulator, folder: string, phone: string): Promise<StockSession> {
    const session = new StockSession(simulator, folder, { clientId: phone })
    session.client.once('qr', (qr) => void controlCalls(simulator.url).scan({ qr, phone }))
    await session.ready()
    return session
  }

  async ready(): Promise<void> {
    const ready = new Promise<void>((resolve) => this.client.once('ready', () => resolve()))
    await this.client.initialize()
    // Puppeteer hears no more of its pipes once it has closed them, and a browser that is killed resets them.
    for (const pipe of this.client.pupBrowser?.process()?.stdio ?? []) pipe?.on('error', () => {})
    await ready
  }

  /** The ack levels that were emitted for a message, in order. */
  acksOf(id: string): MessageAck[] {
    return this.emitted.acks.filter(({ message }) => message.id.id === id).map(({ ack }) => ack)
  }

  /** From now on nobody minds what the library does by itself. */
  end(): void {
    this.#isEnding = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end()
    const browser = this.client.pupBrowser
    const child = browser?.process()
    await this.client.destroy().catch(() => child?.kill('SIGKILL'))
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    }
  }

  /** Once this session ends, that method does nothing any more, and a call of it that is under way may fail. */
  #skipWhenEnding<Name extends string>(of: { [name in Name]: () => Promise<void> }, name: Name): void {
    const method = of[name].bind(of)
    of[name] = async () => {
      if (this.#isEnding) return
      try {
        await method()
      } catch (error) {
        if (!this.#isEnding) throw error
      }
    }
  }
}
