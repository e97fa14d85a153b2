import type { ReadPace } from '@wsg/shared/operations/operation.ts'
import { type OperationName, readPaceOf } from '@wsg/shared/operations/operations.ts'
import pLimit from 'p-limit'
import { OperationRefused } from '../whatsapp/client-errors.ts'
import { Pace } from './pace.ts'

/** A page does one thing at a time; a server refuses accounts that ask it for groups and pictures many times in a row. */
const LIMITS = {
  page: { rate: { atOnce: 20, everyMs: 50 }, atATime: 1 },
  server: { rate: { atOnce: 20, everyMs: 1_000 }, atATime: 4 },
} satisfies Record<ReadPace, object>
const LONGEST_REST_MS = 1_000
/** What is left to the page or the server for its answer. */
const ANSWER_MS = 5_000

/** Holds the reads of one session back: at a rate, and after each the page has as long for sending as the read took. */
export class Reads {
  readonly #page = limitOf('page')
  readonly #server = limitOf('server')

  /**
   * Carries an operation out, at once where it is no read.
   * @param deadline epoch ms
   * @param work ends by the deadline
   * @throws OperationRefused where it would have to wait, or waited, for too long; and what `work` throws
   */
  async run<T>(name: OperationName, deadline: number, work: () => Promise<T>): Promise<T> {
    const kind = readPaceOf(name)
    if (kind === null) return await work()
    const { pace, inTurn } = kind === 'page' ? this.#page : this.#server
    const waitMs = () => deadline - Date.now() - ANSWER_MS
    const late = new OperationRefused('too_many_reads')
    if (!(await pace.turn(waitMs()))) throw late
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    let hasGivenUp = false
    const giveUp = setTimeout(
      () => {
        hasGivenUp = true
        reject(late)
      },
      Math.max(0, waitMs()),
    )
    void inTurn(async () => {
      if (hasGivenUp) return
      clearTimeout(giveUp)
      const since = performance.now()
      await work().then(resolve, reject)
      const restMs = Math.min(LONGEST_REST_MS, performance.now() - since)
      await new Promise((rested) => setTimeout(rested, restMs))
    })
    return await promise
  }
}

function limitOf(kind: ReadPace) {
  const { rate, atATime } = LIMITS[kind]
  return { pace: new Pace(rate), inTurn: pLimit(atATime) }
}
