import { QUEUE_PREFIX, queues } from '@wsg/shared/redis/keys.ts'
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'

/** Removes the queues of a session with every job in them. Nobody may be reading them any more. */
export async function removeSessionQueues(connection: Redis, sessionId: string): Promise<void> {
  for (const name of [queues.send(sessionId), queues.control(sessionId)]) {
    const queue = new Queue(name, { connection, prefix: QUEUE_PREFIX })
    queue.on('error', () => {}) // the command that failed rejects as well
    await queue.obliterate({ force: true })
    await queue.close()
  }
}
