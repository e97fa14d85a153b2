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
  /** The message needs no job any more: it goes with the next fetch, or in a moment. A job too many is dropped by whoever fetches it. */
  done(): void
  /** Puts the job back at the head of the queue. */
  putBack(): Promise<void>
}

/** How long a finished job may wait for the next fetch to take it along, in ms. */
const FINISHED_WITHIN_MS = 100

type SequencesOf = (messageIds: string[]) => Promise<(number | null)[]>

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
  /** The jobs that were given out and are not over. */
  readonly #held = new Set<string>()
  /** The jobs that are over and still on the queue: the next fetch finishes one of them with the same command. */
  readonly #finished: Job[] = []
  #finishing: NodeJS.Timeout | undefined
  /** The connection was lost since active jobs were recovered. */
  #interrupted = false
  #sequencesOf: SequencesOf | null = null
  readonly #noteInterruption = () => {
    this.#interrupted = true
  }

  constructor(options: SendQueueOptions) {
    this.#options = options
    options.connection.on('close', this.#noteInterruption)
    this.#queue = new Queue(queues.send(options.sessionId), {
      connection: options.connection,
      prefix: QUEUE_PREFIX,
    })
    this.#queue.on('error', (err) => options.logger.debug({ err }, 'send queue'))
  }

  /** The next job; null where there was none for a while, the connection was lost, or the queue was closed. */
  async next(): Promise<SendJob | null> {
    if (this.#closed) return null
    // A fetch whose answer went with the connection took a job that nobody has.
    if (this.#interrupted && this.#sequencesOf !== null) await this.recoverActive(this.#sequencesOf)
    this.#worker ??= this.#openWorker()
    const job = (await this.#finishAndFetch(this.#worker)) ?? (await this.#worker.getNextJob(NO_LOCK))
    // Fetched for a second time, on a new connection: another one, that nobody has, goes before it.
    if (job === undefined || this.#interrupted) return null
    this.#held.add(job.id as string)
    return this.#toSendJob(job)
  }

  /**
   * Puts active jobs that nobody has, left by a dead predecessor or a lost connection, back at the head in accepted
   * order. BullMQ's own stalled check would return them late and unordered, and fail them at the second crash. To be
   * called before the first `next`, which does it by itself from then on.
   * @param sequencesOf the accepted order of messages; null for one that has no record, whose job is removed
   */
  async recoverActive(sequencesOf: SequencesOf): Promise<number> {
    this.#sequencesOf = sequencesOf
    this.#interrupted = false
    try {
      return await this.#putBackActive(sequencesOf)
    } catch (error) {
      this.#interrupted = true
      throw error
    }
  }

  async #putBackActive(sequencesOf: SequencesOf): Promise<number> {
    const all = await this.#queue.getActive()
    const active = all.filter((job) => !this.#held.has(job.id as string))
    const sequences = await sequencesOf(active.map((job) => job.id as string))
    const known = active
      .map((job, i) => ({ job, sequence: sequences[i] ?? null }))
      .sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0))
    for (const { job, sequence } of known.reverse()) {
      if (sequence === null) await this.#finish(job)
      else await job.moveToWait(NO_LOCK)
    }
    return known.length
  }

  /** @returns undefined where nothing is to be finished, or nothing waits */
  async #finishAndFetch(worker: FencedWorker): Promise<Job | undefined> {
    const finished = this.#finished.shift()
    if (finished === undefined) return undefined
    try {
      return await worker.finishAndFetch(finished, NO_LOCK)
    } catch (err) {
      this.#options.logger.debug({ err, messageId: finished.id }, 'a finished job could not be removed')
      return undefined
    } finally {
      this.#held.delete(finished.id as string)
    }
  }

  async #finishAll(): Promise<void> {
    clearTimeout(this.#finishing)
    this.#finishing = undefined
    await Promise.all(this.#finished.splice(0).map((job) => this.#finish(job)))
  }

  async #finish(job: Job): Promise<void> {
    try {
      await job.moveToCompleted(null, NO_LOCK, false)
    } catch (err) {
      this.#options.logger.debug({ err, messageId: job.id }, 'a finished job could not be removed')
    } finally {
      this.#held.delete(job.id as string)
    }
  }

  /** Interrupts `next`, which may still give a job that it had taken already. */
  async close(): Promise<void> {
    this.#closed = true
    this.#options.connection.off('close', this.#noteInterruption)
    await this.#finishAll()
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
    const messageId = job.id as string
    return {
      messageId,
      done: () => {
        this.#finished.push(job)
        if (this.#closed) void this.#finishAll()
        else this.#finishing ??= setTimeout(() => void this.#finishAll(), FINISHED_WITHIN_MS)
      },
      putBack: async () => {
        await job.moveToWait(NO_LOCK)
        this.#held.delete(messageId)
      },
    }
  }
}
