import { type Job, Worker, type WorkerOptions } from 'bullmq'

/**
 * A BullMQ worker from which jobs are fetched by hand, and which fetches none once it may not. BullMQ first blocks
 * on a marker and then takes a job with a second command: between the two this process may have been paused past
 * its lease, and a job taken then would stay active under nobody.
 */
export class FencedWorker extends Worker {
  readonly #mayFetch: () => boolean

  constructor(queue: string, options: WorkerOptions, mayFetch: () => boolean) {
    super(queue, null, { ...options, autorun: false })
    this.#mayFetch = mayFetch
  }

  /**
   * Finishes a job and takes the next one with the same command, where it may take one.
   * @returns undefined where there is none
   */
  async finishAndFetch(job: Job, token: string): Promise<Job | undefined> {
    const next: unknown = await job.moveToCompleted(null, token, this.#mayFetch() && !this.closing)
    if (!Array.isArray(next) || !next[0]) return undefined
    return await this.nextJobFromJobData(next[0], next[1], token)
  }

  protected override moveToActive(token: string, name?: string): Promise<Job> {
    // BullMQ itself takes 'nothing there' as undefined; only its declaration does not say so.
    if (!this.#mayFetch()) return Promise.resolve(undefined as unknown as Job)
    return super.moveToActive(token, name)
  }
}
