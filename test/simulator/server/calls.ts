import { randomBytes } from 'node:crypto'
import type { WireCall } from '../wire.ts'

export interface Call extends WireCall {
  /** Digits of the number that is called. */
  account: string
  rejected: boolean
}

/** Older ones are forgotten. */
const KEPT = 1_000

/** The calls that rang, in order. Kept in memory only. */
export class Calls {
  readonly #all: Call[] = []

  ring(account: string, from: string, isVideo: boolean): Call {
    const call = {
      id: randomBytes(16).toString('hex').toUpperCase(),
      account,
      from,
      isVideo,
      rejected: false,
    }
    this.#all.push(call)
    if (this.#all.length > KEPT) this.#all.shift()
    return call
  }

  reject(account: string, id: string): void {
    const call = this.#all.find((one) => one.id === id && one.account === account)
    if (call) call.rejected = true
  }

  of(account: string | undefined): Call[] {
    return this.#all.filter((call) => account === undefined || call.account === account)
  }

  clear(): void {
    this.#all.length = 0
  }
}
