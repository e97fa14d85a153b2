import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { subscribe } from '@wsg/shared/redis/connection/subscribe.ts'
import { keys } from '@wsg/shared/redis/keys.ts'

export interface NewsListener {
  /** An event of this session was logged; null where something may have been missed. */
  onEvent(sessionId: string | null): void
  /** A webhook has something to deliver and no gateway that does so. */
  onDue?(): void
}

/** Hears over one pub/sub channel that events were logged. Pub/sub keeps nothing, so whoever listens also looks by itself. */
export class EventNews {
  readonly #listeners = new Set<NewsListener>()

  /** @param subscriber a connection for subscribing only */
  constructor(subscriber: RedisClient) {
    subscribe(subscriber, keys.eventNews, {
      onMessage: (text) => {
        for (const listener of this.#listeners) {
          if (text === 'due') listener.onDue?.()
          else listener.onEvent(text)
        }
      },
      onSubscribed: () => {
        for (const listener of this.#listeners) {
          listener.onEvent(null)
          listener.onDue?.()
        }
      },
    })
  }

  /** @returns ends it */
  listen(listener: NewsListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
