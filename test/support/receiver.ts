import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

export interface Received {
  at: number
  headers: IncomingHttpHeaders
  body: string
  // biome-ignore lint/suspicious/noExplicitAny: each test says what it expects of an event
  event: any
  /** What it was answered with; 0 where it got no answer. */
  status: number
}

/** Says what a request is answered with; 0 for no answer at all. */
type Answer = (received: Omit<Received, 'status'>) => number | Promise<number>

/** Whoever events are posted to: a real HTTP server that answers as a test wants. */
export class Receiver {
  readonly #server: Server
  readonly requests: Received[] = []
  answer: Answer = () => 200
  /** The most requests of one chat that were open at a time. */
  mostAtOnce = 0
  /** Requests that have no answer yet, and are not given up. */
  open = 0
  readonly #open = new Map<string, number>()

  private constructor() {
    this.#server = createServer(async (request, response) => {
      let body = ''
      for await (const piece of request) body += piece
      const event = JSON.parse(body)
      const lane = `${event.sessionId}/${event.data.chatId ?? ''}`
      const open = (this.#open.get(lane) ?? 0) + 1
      this.#open.set(lane, open)
      this.open += 1
      this.mostAtOnce = Math.max(this.mostAtOnce, open)
      response.once('close', () => {
        this.#open.set(lane, (this.#open.get(lane) ?? 1) - 1)
        this.open -= 1
      })
      const received = { at: performance.now(), headers: request.headers, body, event }
      const status = await this.answer(received)
      this.requests.push({ ...received, status })
      if (status !== 0) response.writeHead(status).end(status < 300 ? 'thanks' : 'no, not now')
    })
  }

  static async start(port = 0): Promise<Receiver> {
    const receiver = new Receiver()
    receiver.#server.listen(port, '127.0.0.1')
    await once(receiver.#server, 'listening')
    return receiver
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`
  }

  /** What was taken, in that order. */
  get taken(): Received[] {
    return this.requests.filter(({ status }) => status >= 200 && status < 300)
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}

/** @throws where a receiver that keeps to Standard Webhooks would refuse it */
export function verify(secret: string, { body, headers }: Received): void {
  new Webhook(secret).verify(body, headers as Record<string, string>)
}
