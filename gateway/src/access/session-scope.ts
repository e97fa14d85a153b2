import { z } from 'zod'

const MOST_STARS = 3

/** The id of a session, or a pattern in which `*` stands for any part of one. */
export const sessionPatternSchema = z
  .string()
  .regex(/^[A-Za-z0-9_*-]{1,50}$/, 'must be the id of a session, or a pattern of ids as `sales-*`')
  // More of them would make a comparison slow.
  .refine((text) => text.split('*').length - 1 <= MOST_STARS, `must have at most ${MOST_STARS} stars`)

/** The sessions that a token may touch. */
export class SessionScope {
  /** Ids and patterns, as they were given. */
  readonly named: readonly string[]
  /** Their ids in order; null where a pattern is among them. */
  readonly ids: readonly string[] | null
  readonly #ids: ReadonlySet<string>
  readonly #patterns: readonly RegExp[]

  constructor(sessions: readonly string[]) {
    this.named = sessions
    const isPattern = (text: string) => text.includes('*')
    this.#ids = new Set(sessions.filter((text) => !isPattern(text)))
    this.#patterns = sessions
      .filter(isPattern)
      .map((text) => new RegExp(`^${text.replaceAll('*', '[A-Za-z0-9_-]*')}$`))
    this.ids = this.#patterns.length === 0 ? [...this.#ids].sort() : null
  }

  has(sessionId: string): boolean {
    return this.#ids.has(sessionId) || this.#patterns.some((pattern) => pattern.test(sessionId))
  }
}
