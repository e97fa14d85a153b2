/** Older ones are forgotten. */
const KEPT = 1_000

export interface ChatState {
  account: string
  chatId: string
  state: 'composing' | 'recording' | 'paused'
}

/** What the typing indicators of all accounts showed last, in order of arrival. Kept in memory only. */
export class ChatStates {
  readonly #seen: ChatState[] = []

  add(state: ChatState): void {
    this.#seen.push(state)
    if (this.#seen.length > KEPT) this.#seen.shift()
  }

  of(account: string | undefined): ChatState[] {
    return this.#seen.filter((seen) => account === undefined || seen.account === account)
  }

  clear(): void {
    this.#seen.length = 0
  }
}
