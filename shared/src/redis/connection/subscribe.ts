import type { RedisClient } from './redis-client.ts'
import { commandsOf } from './redis-commands.ts'

export interface Subscriber {
  onMessage(text: string): void
  /** From here on all is heard. What came before may have been missed, and it may be another Redis by now. */
  onSubscribed?(): void
}

/**
 * Hears a channel, again after every absence of Redis.
 * @param redis a connection for subscribing only
 * @returns ends it; the connection stays open
 */
export function subscribe(redis: RedisClient, channel: string, subscriber: Subscriber): () => void {
  const connection = commandsOf(redis)
  const heard = (from: string, text: string) => {
    if (from === channel) subscriber.onMessage(text)
  }
  const again = () => {
    connection.subscribe(channel).then(
      () => subscriber.onSubscribed?.(),
      () => {},
    )
  }
  connection.on('message', heard)
  connection.on('ready', again)
  if (connection.status === 'ready') again()
  return () => {
    connection.off('message', heard)
    connection.off('ready', again)
    if (connection.status === 'ready') connection.unsubscribe(channel).catch(() => {})
  }
}
