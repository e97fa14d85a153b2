import { QUEUE_PREFIX } from '@wsg/shared/redis/keys.ts'
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'

/** More than this many queues are not kept at hand; a queue made again costs nothing but its `meta` write. */
const MAX_KEPT = 1_000
/** BullMQ's event stream is not read by anybody here. */
const KEPT_EVENTS = 10

/**
 * Every BullMQ queue that the gateway produces to, on one connection that it does not own. All of them are siblings
 * of one backend (`forQueue`), so that a queue adds no connection and no listener, whatever the number of sessions.
 */
export class Queues {
  readonly #root: Queue
  readonly #kept = new Map<string, Queue>()

  /** @param redis a connection that fails fast: a producer must not queue up what it cannot deliver */
  constructor(redis: Redis, rootName: string) {
    // Without the two skips a connection that is lost while BullMQ inspects it leaves every queue broken for good.
    this.#root = new Queue(rootName, { ...options(redis), skipVersionCheck: true, skipWaitingForReady: true })
    this.#root.on('error', () => {})
    this.#kept.set(rootName, this.#root)
  }

  get(name: string): Queue {
    const kept = this.#kept.get(name)
    if (kept !== undefined) this.#kept.delete(name)
    const queue = kept ?? this.#make(name)
    this.#kept.set(name, queue)
    if (this.#kept.size > MAX_KEPT) this.#dropOldest()
    return queue
  }

  async close(): Promise<void> {
    this.#kept.clear()
    await this.#root.close()
  }

  #make(name: string): Queue {
    const queue = new Queue(name, this.#root.opts, () => this.#root.getBackend().forQueue(name) as never)
    queue.on('error', () => {})
    return queue
  }

  #dropOldest(): void {
    for (const [name, queue] of this.#kept) {
      if (queue === this.#root) continue
      this.#kept.delete(name)
      return
    }
  }
}

function options(redis: Redis) {
  return {
    connection: redis,
    prefix: QUEUE_PREFIX,
    streams: { events: { maxLen: KEPT_EVENTS } },
    defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
  }
}
