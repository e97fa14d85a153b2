import { QUEUE_PREFIX, queues } from '@wsg/shared/redis/keys.ts'
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'

/** Removes the control queue of a session with every job in it. Nobody may be reading it any more. */
export async function removeControlQueue(connection: Redis, sessionId: string): Promise<void> {
  const queue = new Queue(queues.control(sessionId), { connection, prefix: QUEUE_PREFIX })
  queue.on('error', () => {}) // the command that failed rejects as well
  await queue.obliterate({ force: true })
  await queue.close()
}
