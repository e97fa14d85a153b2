import type { Logger } from '@wsg/shared/logger.ts'
import { FenceClosed } from '../lease/fence.ts'
import type { MessageLog } from './message-log.ts'
import type { QueueReader } from './queue-reader.ts'
import type { RecipientResolver } from './recipient-resolver.ts'

/** Messages taken up before their turn, at most. */
const MAX_IN_FRONT = 400
/** Older ones of one chat that are taken up for one urgent message at a time. */
const OLDER_AT_ONCE = 100

export interface UrgentMessagesOptions {
  messages: Pick<MessageLog, 'readQueued' | 'readOlder'>
  recipients: Pick<RecipientResolver, 'resolve' | 'recipientsOf'>
  queue: Pick<QueueReader, 'has' | 'inFront' | 'putInFront'>
  logger: Logger
}

/**
 * Puts urgent messages in front of the queue, each behind all that was accepted earlier for its chat.
 *
 * Which those are is known by the recipient as the callers wrote it, for every spelling that was found to lead to that
 * chat. What remains: an older message that names the same chat in a spelling which nobody has looked up yet, and
 * which was not taken up yet, is not seen and may be overtaken (the two spellings of a Brazilian number, or a number
 * and a `@lid`, of which one was never written to before).
 */
export class UrgentMessages {
  readonly #options: UrgentMessagesOptions
  readonly #pulling = new Set<string>()

  constructor(options: UrgentMessagesOptions) {
    this.#options = options
  }

  /** @param urgent the urgent messages that wait, in accepted order */
  pull(urgent: readonly string[]): void {
    const { queue, logger } = this.#options
    let inFront = queue.inFront + this.#pulling.size
    for (const messageId of urgent) {
      if (queue.has(messageId) || this.#pulling.has(messageId)) continue
      if (inFront >= MAX_IN_FRONT) return
      inFront += 1
      this.#pulling.add(messageId)
      void this.#pullOne(messageId)
        .catch((err) => {
          // It is tried again with the next second; its turn in the queue comes in any case.
          if (!(err instanceof FenceClosed)) logger.warn({ err, messageId }, 'an urgent message has to wait')
        })
        .finally(() => this.#pulling.delete(messageId))
    }
  }

  async #pullOne(messageId: string): Promise<void> {
    const { messages, recipients, queue } = this.#options
    const message = await messages.readQueued(messageId)
    if (message === null) return
    const chat = await recipients.resolve(message)
    const spellings = 'refused' in chat ? [] : recipients.recipientsOf(chat)
    const older = await messages.readOlder({
      recipients: [...new Set([message.recipient, ...spellings])],
      sequence: message.sequence,
      limit: OLDER_AT_ONCE,
    })
    // In one turn: whatever is read later comes behind these.
    queue.putInFront(older.length < OLDER_AT_ONCE ? [...older, message] : older)
  }
}
