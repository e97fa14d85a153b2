import { setTimeout as pause } from 'node:timers/promises'
import type { Answer, ApiClient } from '../support/api-client.ts'
import { overload } from '../support/overload.ts'
import type { MessageMix, MixedMessage } from './message-mix.ts'
import type { Random } from './random.ts'
import type { Turnstile } from './turnstile.ts'

const RETRY_AFTER_MS = 100
/** Far more than any takeover takes: whoever waits so long waits for nothing. In proportion longer on a machine that is overloaded. */
const PATIENCE_MS = 180_000
/** Not accepted, and worth asking again. A request that got no answer at all is asked again too. */
const TRY_AGAIN = new Set([409, 429, 503])

export interface Chat {
  session: string
  to: string
}

/** A message whose caller was told what became of it. */
export interface AnsweredMessage extends Chat {
  /** What its arrival is told by: its text, where it is nothing else. */
  text: string
  id: string
}

/**
 * A careful caller with one chat: a message is asked for after the answer of the one before it, each with an
 * Idempotency-Key of its own and repeated under it, at whichever gateway, until there is an answer. Every other one, by
 * chance, does not wait for the ack.
 */
export class ChatSender {
  /** In order of their answers. */
  readonly answered: AnsweredMessage[] = []
  /** How often each answer came: a status, `replayed` or `broken` (no answer). */
  readonly tally = new Map<string, number>()
  readonly #chat: Chat
  readonly #gateways: readonly ApiClient[]
  readonly #random: Random
  readonly #mix: MessageMix | null

  /** @param mix of what kinds its messages are; texts where it is null */
  constructor(chat: Chat, gateways: readonly ApiClient[], random: Random, mix: MessageMix | null) {
    this.#chat = chat
    this.#gateways = gateways
    this.#random = random
    this.#mix = mix
  }

  /** @throws where a message was refused, or nobody answered it for minutes */
  async run(turnstile: Turnstile): Promise<void> {
    const { session, to } = this.#chat
    while (await turnstile.pass()) {
      const text = `${session}/${to}/${this.answered.length + 1}`
      const sent = this.#mix?.make(text, this.#random) ?? { message: text, mark: text }
      const { body } = await this.#untilAnswered(text, sent)
      this.answered.push({ session, to, text: sent.mark, id: String(body.id) })
    }
  }

  async #untilAnswered(text: string, sent: MixedMessage): Promise<Answer> {
    const headers: Record<string, string> = { 'idempotency-key': text }
    if (this.#random.next() < 0.5) headers.prefer = 'respond-async'
    const began = performance.now()
    const waitedMs = () => performance.now() - began
    let last = 'nothing'
    while (waitedMs() < PATIENCE_MS || waitedMs() < PATIENCE_MS * overload()) {
      const gateway = this.#random.pick(this.#gateways)
      const answer = await this.#ask(gateway, sent, headers).catch(() => null)
      this.#count(answer?.status.toString() ?? 'broken')
      if (answer?.headers.get('idempotent-replayed') === 'true') this.#count('replayed')
      if (answer !== null && isAnswer(answer)) return answer
      last = answer === null ? 'no answer' : `${answer.status} ${answer.text}`
      if (answer !== null && !TRY_AGAIN.has(answer.status)) throw new Error(`${text}: ${last}`)
      await pause(RETRY_AFTER_MS)
    }
    throw new Error(`nobody answered ${text}; last: ${last}`)
  }

  async #ask(gateway: ApiClient, { message, upload }: MixedMessage, headers: Record<string, string>) {
    const { session, to } = this.#chat
    if (upload === undefined) return await gateway.post('/send', session, { to, message }, headers)
    const stored = await fetch(`${gateway.address}/media`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.token}`, 'x-session-id': session },
      body: upload,
    })
    // A gateway that cannot store it now, as Redis is away, is asked again.
    if (!stored.ok) throw new Error(`the upload was refused: ${stored.status}`)
    const { id } = (await stored.json()) as { id: string }
    const withFile = { ...(message as object), media: { upload: id } }
    return await gateway.post('/send', session, { to, message: withFile }, headers)
  }

  #count(what: string): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + 1)
  }
}

/** That nobody can know it is an answer too: asked again, the same would be said. */
function isAnswer({ status, body }: Answer): boolean {
  return status === 200 || status === 202 || (status === 502 && body.code === 'outcome_unknown')
}
