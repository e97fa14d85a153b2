import { setTimeout as pause } from 'node:timers/promises'
import type { Job, Processor, WorkerOptions } from 'bullmq'
import { Worker } from './load-bullmq.ts'

const REST_MS = 500

/**
 * A BullMQ worker that rests after Redis refused to give it a job. BullMQ itself asks again at once, thousands of times a
 * second, for as long as Redis is full or has too few replicas. Nor does it ask for the version of Redis: BullMQ would print
 * past the log what it thinks of the eviction policy.
 */
export class PatientWorker extends Worker {
  constructor(queue: string, process: Processor, options: WorkerOptions) {
    super(queue, process, { ...options, skipVersionCheck: true })
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job> {
    try {
      return await super.moveToActive(token, name)
    } catch (error) {
      await pause(REST_MS)
      throw error
    }
  }
}
