import { connectForBlocking, connectForCommands } from '@wsg/shared/redis/connect.ts'
import type { Redis } from 'ioredis'

/**
 * The connections of one worker: this pair, and one more for each queue that it blocks on. That is the placement
 * queue while it is idle, the send and the control queue while it owns a session: never more than four.
 */
export interface Connections {
  /** For scripts and commands; fails at once while Redis is away. */
  commands: Redis
  /** For BullMQ, which waits out an absence of Redis and makes its blocking connections from this one. */
  queues: Redis
  /** Cuts both without waiting for answers. */
  close(): void
}

export function openConnections(url: string, workerId: string): Connections {
  const commands = connectForCommands(url, `worker:${workerId}`)
  const queues = connectForBlocking(url, `worker:${workerId}:queues`)
  return {
    commands,
    queues,
    close() {
      commands.disconnect()
      queues.disconnect()
    },
  }
}
