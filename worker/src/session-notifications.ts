import { EventEmitter } from 'node:events'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { SessionNotification } from '@wsg/shared/redis/session/session-notifications.ts'
import type { Redis } from 'ioredis'

/** `subscribed`: from here on all is heard. What came before may have been missed, and it may be another Redis by now. */
type SessionNotificationEvents = Record<SessionNotification | 'subscribed', []>

/** What gateways tell the owner of one session (see `shared/src/redis/session/session-notifications.ts`), as events. */
export class SessionNotifications extends EventEmitter<SessionNotificationEvents> {
  readonly #subscriber: Redis
  readonly #channel: string

  /** @param subscriber a connection for subscribing only; it stays open when this is closed */
  constructor(subscriber: Redis, sessionId: string) {
    super()
    this.#subscriber = subscriber
    this.#channel = keys.notifications(sessionId)
    subscriber.on('message', this.#heard)
    subscriber.on('ready', this.#subscribe)
    if (subscriber.status === 'ready') this.#subscribe()
  }

  close(): void {
    const subscriber = this.#subscriber
    subscriber.off('message', this.#heard)
    subscriber.off('ready', this.#subscribe)
    if (subscriber.status === 'ready') subscriber.unsubscribe(this.#channel).catch(() => {})
  }

  readonly #heard = (channel: string, word: string): void => {
    if (channel === this.#channel) this.emit(word as SessionNotification)
  }

  readonly #subscribe = (): void => {
    this.#subscriber.subscribe(this.#channel).then(
      () => this.emit('subscribed'),
      () => {},
    )
  }
}
