import { keys } from '@wsg/shared/redis/keys.ts'
import { URGENT_ARRIVAL } from '@wsg/shared/redis/message/queue-notifications.ts'
import type { Redis } from 'ioredis'

export interface QueueNotificationListener {
  /** A message has come to the send queue. */
  onArrival(isUrgent: boolean): void
  /** From here on arrivals are heard; of what came before, and of the queue as it was, nothing is known. */
  onHearing(): void
}

/** Hears that messages have come to the send queue of one session. It may miss some: whoever listens also looks by himself. */
export class QueueNotifications {
  readonly #subscriber: Redis
  readonly #channel: string
  #silence = () => {}

  /** @param subscriber a connection on which nothing else is asked; it is not closed with this */
  constructor(subscriber: Redis, sessionId: string) {
    this.#subscriber = subscriber
    this.#channel = keys.arrivals(sessionId)
  }

  listen({ onArrival, onHearing }: QueueNotificationListener): void {
    const subscriber = this.#subscriber
    const heard = (channel: string, what: string) => {
      if (channel === this.#channel) onArrival(what === URGENT_ARRIVAL)
    }
    const subscribe = () => {
      subscriber.subscribe(this.#channel).then(onHearing, () => {})
    }
    subscriber.on('message', heard)
    subscriber.on('ready', subscribe)
    if (subscriber.status === 'ready') subscribe()
    this.#silence = () => {
      subscriber.off('message', heard)
      subscriber.off('ready', subscribe)
      if (subscriber.status === 'ready') subscriber.unsubscribe(this.#channel).catch(() => {})
    }
  }

  close(): void {
    this.#silence()
  }
}
