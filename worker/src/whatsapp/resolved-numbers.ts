import { LRUCache } from 'lru-cache'
import type { ResolvedChat } from './whatsapp-client.ts'

const FOUND_MS = 24 * 3_600_000
const NOT_FOUND_MS = 3_600_000
const MAX_ENTRIES = 5_000

/**
 * Remembers which chat a number turned out to be: for a day, or an hour where it is not on WhatsApp. Asking the server for
 * many numbers gets an account banned, so each is asked once, by several callers at a time too.
 */
export class ResolvedNumbers {
  readonly #known: LRUCache<string, { chat: ResolvedChat | null }>

  constructor(ask: (digits: string) => Promise<ResolvedChat | null>) {
    this.#known = new LRUCache({
      max: MAX_ENTRIES,
      ttl: FOUND_MS,
      perf: Date,
      fetchMethod: async (digits, _before, { options }) => {
        const chat = await ask(digits)
        if (chat === null) options.ttl = NOT_FOUND_MS
        return { chat }
      },
    })
  }

  /** Whether the server need not be asked for it. */
  knows(digits: string): boolean {
    return this.#known.has(digits)
  }

  async resolve(digits: string): Promise<ResolvedChat | null> {
    return (await this.#known.forceFetch(digits)).chat
  }
}
