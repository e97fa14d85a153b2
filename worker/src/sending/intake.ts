import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import type { Gate } from '../gate.ts'
import type { SendJob, SendQueue } from '../queues/send-queue.ts'
import { Slots } from './slots.ts'

/** Jobs taken from the queue, so that numbers are looked up ahead and a slow chat does not hold up the others. */
const MAX_TAKEN = 200
const FETCH_AGAIN_AFTER_MS = 500

export interface IntakeParts {
  jobs: SendQueue
  connected: Gate
  /** Takes a job up. @param giveBack makes room for another one */
  onJob(job: SendJob, giveBack: () => void): void
  logger: Logger
}

/** Fetches the jobs of one session in queue order, a bounded number ahead. */
export class Intake {
  readonly #parts: IntakeParts
  readonly #window = new Slots(MAX_TAKEN)
  #fetching: Promise<unknown> | null = null
  #stopped = false

  constructor(parts: IntakeParts) {
    this.#parts = parts
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      const giveBack = await this.#window.take()
      await this.#parts.connected.opened()
      if (this.#stopped) return
      this.#fetching = this.#fetchOne(giveBack)
      await this.#fetching
    }
  }

  halt(): void {
    this.#stopped = true
  }

  /** Resolves when no job is on its way any more; the queue is to be closed first. */
  async halted(): Promise<void> {
    this.halt()
    await this.#fetching
  }

  async #fetchOne(giveBack: () => void): Promise<void> {
    const { jobs, onJob, logger } = this.#parts
    try {
      const job = await jobs.next()
      if (job === null) giveBack()
      else onJob(job, giveBack)
    } catch (err) {
      giveBack()
      logger.warn({ err }, 'no job could be fetched; trying again')
      await pause(FETCH_AGAIN_AFTER_MS)
    }
  }
}
