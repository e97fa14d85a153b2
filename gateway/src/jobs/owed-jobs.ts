import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import { queues as queueNames } from '@wsg/shared/redis/keys.ts'
import type { Queues } from './queues.ts'

const TRY_EVERY_MS = 100

/**
 * The jobs that this gateway owes to accepted messages. They are added session by session in the order of acceptance:
 * while Redis is away they are kept, and nothing that is accepted later enters its session's queue before them. What a
 * gateway still owes when it dies is the sweep's (`reconcile.ts`).
 */
export class OwedJobs {
  readonly #queues: Queues
  readonly #log: Logger
  readonly #onAdded: (sessionId: string, messageIds: readonly string[]) => void
  /** By session, while there are any. */
  readonly #owed = new Map<string, { ids: Set<string>; adding: Promise<void> }>()
  readonly #closing = new AbortController()

  constructor(parts: {
    queues: Queues
    log: Logger
    onAdded: (sessionId: string, messageIds: readonly string[]) => void
  }) {
    this.#queues = parts.queues
    this.#log = parts.log
    this.#onAdded = parts.onAdded
  }

  /** Adds the job of a message as soon as it can be. Adding it twice is adding it once, while it waits. */
  add(sessionId: string, messageId: string): void {
    const owed = this.#owed.get(sessionId)
    if (owed !== undefined) {
      owed.ids.add(messageId)
      return
    }
    const ids = new Set([messageId])
    this.#owed.set(sessionId, { ids, adding: this.#addAll(sessionId, ids) })
  }

  has(sessionId: string, messageId: string): boolean {
    return this.#owed.get(sessionId)?.ids.has(messageId) ?? false
  }

  /** Adds what can be added at once. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all([...this.#owed.values()].map(({ adding }) => adding))
  }

  /** One round trip for all that came together; the next ones wait for its answer, which keeps them in order. */
  async #addAll(sessionId: string, owed: Set<string>): Promise<void> {
    const { signal } = this.#closing
    for (let attempts = 0; owed.size > 0; ) {
      const ids = [...owed]
      try {
        const queue = this.#queues.get(queueNames.send(sessionId))
        // Not `addBulk`: its pipeline costs more than one command. On one connection they arrive in this order.
        await Promise.all(ids.map((jobId) => queue.add('send', {}, { jobId })))
        for (const id of ids) owed.delete(id)
        this.#onAdded(sessionId, ids)
      } catch (error) {
        if (attempts === 0) this.#log.warn({ err: error, sessionId, owed: ids.length }, 'jobs not added yet')
        attempts += 1
        if (signal.aborted) break
        await pause(TRY_EVERY_MS, undefined, { signal }).catch(() => {})
      }
    }
    // In the same turn as the last look at `owed`: what is added from now on begins anew.
    this.#owed.delete(sessionId)
  }
}
