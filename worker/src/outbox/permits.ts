/** One message may be handed over. Each call counts once. */
export interface Permit {
  /** It no longer counts as in flight, though its outcome is open. */
  free(): void
  /** Its outcome is known, or will not be. @param wasUsed false where nothing was handed over */
  end(wasUsed?: boolean): void
}

export interface PermitRules {
  /**
   * How long the next one has to wait, in ms; 0 for not at all, Infinity for until `look` is called.
   * @param open turns that were given and whose outcome is open
   */
  delayMs(open: number): number
  /** A turn was given. */
  given(): void
  /** The turn that was given last was not used. */
  unused(): void
}

/** Neither Node nor a browser waits longer in one timer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Who may hand a message over, and when: a bounded number in flight, first come first served but for those that are
 * urgent, each when the rules allow it.
 */
export class Permits {
  readonly #rules: PermitRules
  readonly #waiting: { isUrgent: () => boolean; resolve: (turn: Permit) => void }[] = []
  #free: number
  #open = 0
  #closed = false
  #timer: NodeJS.Timeout | undefined

  constructor(count: number, rules: PermitRules) {
    this.#free = count
    this.#rules = rules
  }

  /** Waits for a turn. @param isUrgent asked again whenever one is given: urgent ones go first */
  take(isUrgent: () => boolean): Promise<Permit> {
    return new Promise((resolve) => {
      this.#waiting.push({ isUrgent, resolve })
      this.look()
    })
  }

  /** A turn for what was handed over already: it only counts as open. */
  alreadyTaken(): Permit {
    this.#open += 1
    return this.#turn(false)
  }

  /** Gives turns to whoever may go now. To be called when what the rules rest on has changed. */
  look(): void {
    clearTimeout(this.#timer)
    while (!this.#closed && this.#free > 0 && this.#waiting.length > 0) {
      const delayMs = this.#rules.delayMs(this.#open)
      if (delayMs > 0) {
        if (delayMs < Number.POSITIVE_INFINITY)
          this.#timer = setTimeout(() => this.look(), Math.min(delayMs, LONGEST_TIMER_MS))
        return
      }
      const first = Math.max(
        0,
        this.#waiting.findIndex(({ isUrgent }) => isUrgent()),
      )
      const [next] = this.#waiting.splice(first, 1)
      this.#free -= 1
      this.#open += 1
      this.#rules.given()
      next?.resolve(this.#turn(true))
    }
  }

  /** No more turns are given: whoever waits for one waits for ever. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #turn(holdsSlot: boolean): Permit {
    let isOpen = true
    let holds = holdsSlot
    const free = () => {
      if (!holds) return
      holds = false
      this.#free += 1
      this.look()
    }
    return {
      free,
      end: (wasUsed = true) => {
        if (!isOpen) return
        isOpen = false
        this.#open -= 1
        if (!wasUsed) this.#rules.unused()
        if (holds) free()
        else this.look()
      },
    }
  }
}
