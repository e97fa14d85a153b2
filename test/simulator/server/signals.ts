import type { FrameFromPage } from '../wire.ts'

type SignalFrame = Extract<FrameFromPage, { t: 'chatstate' | 'presence' | 'read' }>
type Signal<T extends SignalFrame['t']> = { account: string } & Omit<Extract<SignalFrame, { t: T }>, 't'>

/** Older ones are forgotten. */
const KEPT = 1_000

class Recent<T extends { account: string }> {
  readonly #seen: T[] = []

  add(signal: T): void {
    this.#seen.push(signal)
    if (this.#seen.length > KEPT) this.#seen.shift()
  }

  of(account: string | undefined): T[] {
    return this.#seen.filter((seen) => account === undefined || seen.account === account)
  }

  clear(): void {
    this.#seen.length = 0
  }
}

/** What the linked devices of accounts showed to others last, in order of arrival. Kept in memory only. */
export class Signals {
  readonly chatStates = new Recent<Signal<'chatstate'>>()
  readonly presence = new Recent<Signal<'presence'>>()
  readonly readReceipts = new Recent<Signal<'read'>>()

  add(account: string, { t: _, ...signal }: SignalFrame): void {
    if ('state' in signal) this.chatStates.add({ account, ...signal })
    else if ('available' in signal) this.presence.add({ account, ...signal })
    else this.readReceipts.add({ account, ...signal })
  }

  clear(): void {
    for (const signals of [this.chatStates, this.presence, this.readReceipts]) signals.clear()
  }
}
