import type { ReadPace } from '@wsg/shared/operations/operation.ts'
import { type OperationName, readPaceOf } from '@wsg/shared/operations/operations.ts'
import pLimit from 'p-limit'
import { ClientClosed, OperationRefused } from '../whatsapp/client-errors.ts'
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
  /** Each ends the wait of one read. */
  readonly #waiting = new Set<(error: Error) => void>()

  /**
   * Asks the page something, at once where its operation is no read.
   * @param deadline epoch ms
   * @param ask ends by the deadline
   * @throws OperationRefused where it would have to wait, or waited, for too long; ClientClosed where it waited as this was
   * stopped; and what `ask` throws
   */
  async run<T>(name: OperationName, deadline: number, ask: () => Promise<T>): Promise<T> {
    const kind = readPaceOf(name)
    if (kind === null) return await ask()
    const endTurn = await this.#turn(kind === 'page' ? this.#page : this.#server, deadline)
    const since = performance.now()
    try {
      return await ask()
    } finally {
      setTimeout(endTurn, Math.min(LONGEST_REST_MS, performance.now() - since))
    }
  }

  /** Whoever still waits for a turn is told at once that it does not come. */
  stop(): void {
    for (const giveUp of this.#waiting) giveUp(new ClientClosed('the session is let go of'))
  }

  /** Waits for a turn. @returns what ends it; throws as `run` */
  #turn({ pace, inTurn }: ReturnType<typeof limitOf>, deadline: number): Promise<() => void> {
    const { promise, resolve, reject } = Promise.withResolvers<() => void>()
    const giveUp = (error: Error) => {
      if (this.#waiting.delete(giveUp)) reject(error)
    }
    this.#waiting.add(giveUp)
    const tooLate = () => giveUp(new OperationRefused('too_many_reads'))
    const waitMs = () => Math.max(0, deadline - Date.now() - ANSWER_MS)
    void pace.turn(waitMs()).then((comes) => {
      if (!comes) return tooLate()
      const timer = setTimeout(tooLate, waitMs())
      return inTurn(async () => {
        clearTimeout(timer)
        if (this.#waiting.delete(giveUp)) await new Promise<void>((endTurn) => resolve(endTurn))
      })
    })
    return promise
  }
}

function limitOf(kind: ReadPace) {
  const { rate, atATime } = LIMITS[kind]
  return { pace: new Pace(rate), inTurn: pLimit(atATime) }
}
