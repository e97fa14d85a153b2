/**
 * One lane per chat: what enters a lane runs when everything that entered it before is over, whatever became of it.
 * Lanes run side by side.
 *
 * A person's chat may be named by number or by hidden identity (`@lid`). Once two names are known to mean one chat
 * they share a lane; where both had one already, the next to enter waits for both.
 */
export class ChatLanes {
  readonly #tails = new Map<string, Promise<void>>()
  /** A name that gave way to another one. */
  readonly #sameAs = new Map<string, string>()

  /** Says that two chat ids name the same chat. */
  join(one: string, other: string): void {
    const a = this.#laneOf(one)
    const b = this.#laneOf(other)
    if (a === b) return
    this.#sameAs.set(b, a)
    const tails = [this.#tails.get(a), this.#tails.get(b)].filter((tail) => tail !== undefined)
    this.#tails.delete(b)
    if (tails.length > 0)
      this.#append(
        a,
        Promise.all(tails).then(() => {}),
      )
  }

  /** @param task must not reject: its lane goes on when it is over */
  enter(chatId: string, task: () => Promise<void>): void {
    const lane = this.#laneOf(chatId)
    this.#append(lane, (this.#tails.get(lane) ?? Promise.resolve()).then(task))
  }

  #append(lane: string, tail: Promise<void>): void {
    const kept = tail.then(() => {
      if (this.#tails.get(lane) === kept) this.#tails.delete(lane)
    })
    this.#tails.set(lane, kept)
  }

  #laneOf(chatId: string): string {
    let lane = chatId
    for (let next = this.#sameAs.get(lane); next !== undefined; next = this.#sameAs.get(lane)) lane = next
    return lane
  }
}
