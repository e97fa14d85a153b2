/** So many of a lane count in full; what is more only waits longer there. */
const COUNTED = 20

/**
 * One lane per chat: what enters a lane runs when everything that entered it before is over, whatever became of it.
 * Lanes run side by side.
 *
 * A person's chat may be named by number or by hidden identity (`@lid`). Once two names are known to mean one chat
 * they share a lane; where both had one already, the next to enter waits for both. What is urgent makes its whole
 * lane urgent, because it waits for what is before it there.
 */
export class ChatLanes {
  readonly #tails = new Map<string, Promise<void>>()
  /** A name that gave way to another one. */
  readonly #sameAs = new Map<string, string>()
  /** How many in a lane are urgent; lanes without any are absent. */
  readonly #urgent = new Map<string, number>()
  /** How many are in a lane. */
  readonly #sizes = new Map<string, number>()
  #excess = 0

  /** Says that two chat ids name the same chat. */
  join(one: string, other: string): void {
    const a = this.laneOf(one)
    const b = this.laneOf(other)
    if (a === b) return
    this.#sameAs.set(b, a)
    this.#countUrgent(a, this.#urgent.get(b) ?? 0)
    this.#urgent.delete(b)
    const size = this.#sizes.get(b) ?? 0
    this.#count(b, -size)
    this.#count(a, size)
    const tails = [this.#tails.get(a), this.#tails.get(b)].filter((tail) => tail !== undefined)
    this.#tails.delete(b)
    if (tails.length > 0)
      this.#append(
        a,
        Promise.all(tails).then(() => {}),
      )
  }

  /** @param task must not reject: its lane goes on when it is over */
  enter(chatId: string, task: () => Promise<void>, isUrgent = false): void {
    const lane = this.laneOf(chatId)
    const before = this.#tails.get(lane) ?? Promise.resolve()
    this.#count(lane, 1)
    if (isUrgent) this.#countUrgent(lane, 1)
    const over = before.then(task).then(() => {
      this.#count(this.laneOf(chatId), -1)
      if (isUrgent) this.#countUrgent(this.laneOf(chatId), -1)
    })
    this.#append(lane, over)
  }

  /** Whether something urgent waits in a chat's lane, or runs there. */
  isUrgent(chatId: string): boolean {
    return this.#urgent.size > 0 && this.#urgent.has(this.laneOf(chatId))
  }

  /** How many wait in lanes beyond the first twenty of each. */
  get excess(): number {
    return this.#excess
  }

  /** Every name that shares the lane of a chat, its own included. */
  namesOf(chatId: string): string[] {
    const lane = this.laneOf(chatId)
    return [lane, ...[...this.#sameAs.keys()].filter((name) => this.laneOf(name) === lane)]
  }

  #count(lane: string, more: number): void {
    const before = this.#sizes.get(lane) ?? 0
    const size = before + more
    this.#excess += Math.max(0, size - COUNTED) - Math.max(0, before - COUNTED)
    if (size > 0) this.#sizes.set(lane, size)
    else this.#sizes.delete(lane)
  }

  #countUrgent(lane: string, more: number): void {
    const count = (this.#urgent.get(lane) ?? 0) + more
    if (count > 0) this.#urgent.set(lane, count)
    else this.#urgent.delete(lane)
  }

  #append(lane: string, tail: Promise<void>): void {
    const kept = tail.then(() => {
      if (this.#tails.get(lane) === kept) this.#tails.delete(lane)
    })
    this.#tails.set(lane, kept)
  }

  /** The name that all names of a chat have in common. */
  laneOf(chatId: string): string {
    let lane = chatId
    for (let next = this.#sameAs.get(lane); next !== undefined; next = this.#sameAs.get(lane)) lane = next
    return lane
  }
}
