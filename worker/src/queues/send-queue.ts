import type { Logger } from '@wsg/shared/logger.ts'
import { QUEUE_PREFIX, queues } from '@wsg/shared/redis/keys.ts'
import { type Job, Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { FencedWorker } from './fenced-worker.ts'

/**
 * BullMQ takes and checks no lock for this token (`removeLock` and `prepareJobForProcessing` in its scripts). A
 * job's lock would say nothing here: the session's lease says who may work on its jobs. Undocumented, so pinned by
 * a test.
 */
const NO_LOCK = '0'

/** One message to be sent: its id. Everything else is in its record. */
export interface SendJob {
  messageId: string
  /** The message needs no job any more. Never rejects: a job too many is dropped by whoever fetches it. */
  done(): Promise<void>
  /** Puts the job back at the head of the queue. */
  putBack(): Promise<void>
}

export interface SendQueueOptions {
  connection: Redis
  sessionId: string
  logger: Logger
  /** How long one blocking read lasts at most, in ms. A paused predecessor can swallow a wake-up; this ends the wait. */
  blockMs: number
  /** False once nothing may be fetched any more. */
  mayFetch(): boolean
}

/** The jobs of one session in queue order, one at a time. */
export class SendQueue {
  readonly #queue: Queue
  readonly #options: SendQueueOptions
  #worker: FencedWorker | null = null
  #closed = false

  constructor(options: SendQueueOptions) {
    this.#options = options
    this.#queue = new Queue(queues.send(options.sessionId), {
      connection: options.connection,
      prefix: QUEUE_PREFIX,
    })
    this.#queue.on('error', (err) => options.logger.debug({ err }, 'send queue'))
  }

  /** The next job; null where there was none for a while, or the queue was closed. */
  async next(): Promise<SendJob | null> {
    if (this.#closed) return null
    this.#worker ??= this.#openWorker()
    const job = await this.#worker.getNextJob(NO_LOCK)
    return job === undefined ? null : this.#toSendJob(job)
  }

  /**
   * Puts the jobs that a dead predecessor left active back at the head, in accepted order. BullMQ's own stalled
   * check would return them late and unordered, and fail them at the second crash.
   * @param sequencesOf the accepted order of messages; null for one that has no record, whose job is removed
   */
  async recoverActive(sequencesOf: (messageIds: string[]) => Promise<(number | null)[]>): Promise<number> {
    const active = await this.#queue.getActive()
    const sequences = await sequencesOf(active.map((job) => job.id as string))
    const known = active
      .map((job, i) => ({ job, sequence: sequences[i] ?? null }))
      .sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0))
    for (const { job, sequence } of known.reverse()) {
      if (sequence === null) await this.#toSendJob(job).done()
      else await job.moveToWait(NO_LOCK)
    }
    return known.length
  }

  /** Interrupts `next`, which may still give a job that it had taken already. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#worker?.close(true)
  }

  #openWorker(): FencedWorker {
    const { connection, sessionId, logger, blockMs, mayFetch } = this.#options
    const worker = new FencedWorker(
      queues.send(sessionId),
      { connection, prefix: QUEUE_PREFIX, drainDelay: Math.max(1, blockMs / 1_000) },
      mayFetch,
    )
    worker.on('error', (err) => logger.debug({ err }, 'send queue'))
    return worker
  }

  #toSendJob(job: Job): SendJob {
    const { logger } = this.#options
    const messageId = job.id as string
    return {
      messageId,
      async done() {
        try {
          await job.moveToCompleted(null, NO_LOCK, false)
        } catch (err) {
          logger.debug({ err, messageId }, 'a finished job could not be removed')
        }
      },
      async putBack() {
        await job.moveToWait(NO_LOCK)
      },
    }
  }
}
