import type { ResolvedChat } from './whatsapp-client.ts'

const FOUND_MS = 24 * 3_600_000
const NOT_FOUND_MS = 3_600_000
const MAX_ENTRIES = 5_000

interface Entry {
  answer: ResolvedChat | null
  endsAt: number
}

/**
 * Remembers which chat a number turned out to be: a day, or an hour where it is not on WhatsApp. Asking the server
 * for many numbers gets an account banned, so each is asked once, by several callers at a time too.
 */
export class ResolvedNumbers {
  readonly #ask: (digits: string) => Promise<ResolvedChat | null>
  readonly #known = new Map<string, Entry>()
  readonly #asked = new Map<string, Promise<ResolvedChat | null>>()

  constructor(ask: (digits: string) => Promise<ResolvedChat | null>) {
    this.#ask = ask
  }

  async resolve(digits: string): Promise<ResolvedChat | null> {
    const known = this.#known.get(digits)
    if (known && known.endsAt > Date.now()) return known.answer
    const asked = this.#asked.get(digits) ?? this.#askNow(digits)
    return await asked
  }

  #askNow(digits: string): Promise<ResolvedChat | null> {
    const asking = this.#ask(digits)
      .then((answer) => {
        this.#remember(digits, answer)
        return answer
      })
      .finally(() => this.#asked.delete(digits))
    this.#asked.set(digits, asking)
    return asking
  }

  #remember(digits: string, answer: ResolvedChat | null): void {
    this.#known.delete(digits)
    this.#known.set(digits, { answer, endsAt: Date.now() + (answer ? FOUND_MS : NOT_FOUND_MS) })
    if (this.#known.size <= MAX_ENTRIES) return
    const [oldest] = this.#known.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
  }
}
