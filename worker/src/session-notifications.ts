import { EventEmitter } from 'node:events'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { subscribe } from '@wsg/shared/redis/connection/subscribe.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { SessionNotification } from '@wsg/shared/redis/session/session-notifications.ts'

/** `subscribed`: from here on all is heard. What came before may have been missed, and it may be another Redis by now. */
type SessionNotificationEvents = Record<SessionNotification | 'subscribed', []>

/** What gateways tell the owner of one session (see `shared/src/redis/session/session-notifications.ts`), as events. */
export class SessionNotifications extends EventEmitter<SessionNotificationEvents> {
  /** The connection stays open. */
  readonly close: () => void

  /** @param subscriber a connection for subscribing only */
  constructor(subscriber: RedisClient, sessionId: string) {
    super()
    this.close = subscribe(subscriber, keys.notifications(sessionId), {
      onMessage: (word) => this.emit(word as SessionNotification),
      onSubscribed: () => this.emit('subscribed'),
    })
  }
}
