/** A connection to Redis as those see it who only hold it: commands are given under `shared/src/redis` alone. */
export interface RedisClient {
  /** `ready` while commands can be given. */
  readonly status: string
  on(event: 'ready' | 'close', heard: () => void): unknown
  on(event: 'error', heard: (error: Error) => void): unknown
  once(event: 'ready' | 'close', heard: () => void): unknown
  off(event: 'ready' | 'close', heard: () => void): unknown
  disconnect(): void
}
