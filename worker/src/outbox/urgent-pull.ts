import type { Logger } from '@wsg/shared/logger.ts'
import { FenceClosed } from '../lease/fence.ts'
import type { ResolvedChat } from '../whatsapp/whatsapp-client.ts'
import type { InOrderResolver } from './in-order-resolver.ts'
import type { MessageLog } from './message-log.ts'
import type { Route } from './recipient-resolver.ts'

/** Messages taken up before their turn, at most: each is one that the queue's order did not choose. */
const MAX_PULLED = 400
/** Older ones of one chat that are taken up for one urgent message at a time. */
const OLDER_AT_ONCE = 100

export interface UrgentPullParts {
  messages: MessageLog
  line: Pick<InOrderResolver<never>, 'pulled' | 'has' | 'enter'>
  find(messageId: string): Promise<Route>
  /** Every spelling that is known to lead to a chat. */
  recipientsOf(chat: ResolvedChat): string[]
  logger: Logger
}

/**
 * Takes urgent messages up before their turn in the queue, each behind all that was accepted earlier for its chat.
 *
 * Which those are is known by the recipient as the callers wrote it, for every spelling that was found to lead to that
 * chat. What remains: an older message that names the same chat in a spelling which nobody has looked up yet, and
 * which was not taken up yet, is not seen and may be overtaken (the two spellings of a Brazilian
 * number, or a number and a `@lid`, of which one was never written to before).
 */
export class UrgentPull {
  readonly #parts: UrgentPullParts
  readonly #pulling = new Set<string>()

  constructor(parts: UrgentPullParts) {
    this.#parts = parts
  }

  /** @param urgent the urgent messages that wait, in accepted order */
  pull(urgent: readonly string[]): void {
    if (urgent.length === 0) return
    const { line, logger } = this.#parts
    let pulled = line.pulled + this.#pulling.size
    for (const messageId of urgent) {
      if (line.has(messageId) || this.#pulling.has(messageId)) continue
      if (pulled >= MAX_PULLED) return
      pulled += 1
      this.#pulling.add(messageId)
      void this.#pullOne(messageId)
        .catch((err) => {
          // It is tried again at the next look; its turn in the queue comes in any case.
          if (!(err instanceof FenceClosed)) logger.warn({ err, messageId }, 'an urgent message has to wait')
        })
        .finally(() => this.#pulling.delete(messageId))
    }
  }

  async #pullOne(messageId: string): Promise<void> {
    const { messages, find, recipientsOf } = this.#parts
    const way = await find(messageId)
    if (way === 'over') return
    const { envelope } = way
    const recipients = 'chat' in way ? recipientsOf(way.chat) : []
    const older = await messages.readOlder({
      recipients: [...new Set([envelope.recipient, ...recipients])],
      sequence: envelope.sequence,
      limit: OLDER_AT_ONCE,
    })
    // In one turn: whatever is fetched later enters the line behind these.
    for (const id of older) this.#enter(id)
    if (older.length < OLDER_AT_ONCE) this.#enter(messageId)
  }

  #enter(messageId: string): void {
    const { line } = this.#parts
    if (line.has(messageId)) return
    line.enter({ messageId, envelope: null, isPulled: true })
  }
}
