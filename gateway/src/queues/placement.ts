import { placementJobId } from '@wsg/shared/redis/keys.ts'
import type { Queue } from 'bullmq'

/** Restores go before new QRs: a paired number waits for its messages, a new one for somebody with a phone. */
const PRIORITY = { savedLogin: 1, unpaired: 2 }

export interface Placeable {
  sessionId: string
  savedLogin: boolean
}

/** Puts sessions that want a worker where idle workers look. A session that is there already stays as it is. */
export class Placement {
  readonly #queue: Queue

  constructor(queue: Queue) {
    this.#queue = queue
  }

  async place(sessions: readonly Placeable[]): Promise<void> {
    if (sessions.length === 0) return
    await this.#queue.addBulk(
      sessions.map(({ sessionId, savedLogin }) => ({
        name: 'place',
        data: { sessionId },
        opts: {
          jobId: placementJobId(sessionId),
          priority: savedLogin ? PRIORITY.savedLogin : PRIORITY.unpaired,
        },
      })),
    )
  }
}
