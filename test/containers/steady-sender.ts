import { setTimeout as pause } from 'node:timers/promises'
import type { ApiClient } from '../support/api-client.ts'
import { waitFor } from '../support/wait-for.ts'

const EVERY_MS = 100
const RETRY_AFTER_MS = 200

/** Not accepted, and worth asking again. A request that got no answer at all is asked again too. */
const TRY_AGAIN = new Set([409, 429, 503])

/**
 * A careful caller: one message after another to one chat, from one gateway to the next, each with an Idempotency-Key
 * and repeated under it until it is accepted.
 */
export class SteadySender {
  /** Texts in the order in which they were accepted. */
  readonly accepted: string[] = []
  readonly #gateways: ApiClient[]
  readonly #session: string
  readonly #to: string
  readonly #headers: Record<string, string>
  readonly #done: Promise<void>
  #stopped = false
  #turn = 0

  /** @param wait false: `Prefer: respond-async`, so that the pace is kept while nobody sends */
  constructor(gateways: ApiClient[], session: string, to: string, wait: boolean) {
    this.#gateways = gateways
    this.#session = session
    this.#to = to
    this.#headers = wait ? {} : { prefer: 'respond-async' }
    this.#done = this.#run()
    this.#done.catch(() => {}) // told by `stop`
  }

  /** Resolves when so many were accepted. @throws where one was refused, or its outcome is unknown */
  async until(count: number): Promise<void> {
    const what = `${this.#session} to have accepted ${count} messages for ${this.#to}`
    await Promise.race([
      waitFor(what, () => this.accepted.length >= count, { timeoutMs: 60_000 }),
      this.#done,
    ])
  }

  /** Resolves when the message under way is accepted. @throws where one was refused, or its outcome is unknown */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#done
  }

  async #run(): Promise<void> {
    for (let n = 1; !this.#stopped; n++) {
      const text = `${this.#session}-${this.#to}-${n}`
      await this.#untilAccepted(text)
      this.accepted.push(text)
      await pause(EVERY_MS)
    }
  }

  async #untilAccepted(message: string): Promise<void> {
    for (;;) {
      const gateway = this.#gateways[this.#turn++ % this.#gateways.length] as ApiClient
      const headers = { ...this.#headers, 'idempotency-key': message }
      const answer = await gateway
        .post('/send', this.#session, { to: this.#to, message }, headers)
        .catch(() => null)
      if (answer?.status === 200 || answer?.status === 202) return
      if (answer !== null && !TRY_AGAIN.has(answer.status)) throw new Error(`${answer.status} ${answer.text}`)
      await pause(RETRY_AFTER_MS)
    }
  }
}
