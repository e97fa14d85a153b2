/** The lease was not confirmed for too long, so that somebody else may hold it by now. Nothing may be sent any more. */
export class FenceClosed extends Error {
  override readonly name = 'FenceClosed'
}

export interface FenceClocks {
  /** Monotonic milliseconds. */
  monotonic(): number
  /** Epoch milliseconds. */
  wall(): number
}

const systemClocks: FenceClocks = { monotonic: () => performance.now(), wall: () => Date.now() }

/** A moment on both clocks. */
export interface Instant {
  monotonic: number
  wall: number
}

/** How much of the lease's time the owner uses. The rest is for killing the browser, and for clocks that differ. */
const USABLE_SHARE = 0.7
/** So that workers that lose Redis together do not all die, and come back, in the same instant. */
const JITTER_SHARE = 0.05

/**
 * Until when an owner may act, by its own clocks: 0.7 of the lease's time to live after the last confirmed renewal
 * was *asked for* (when Redis answered says nothing about when it began to count). The monotonic clock cannot be
 * set, but stands still while a machine sleeps; the wall clock goes on then. Whichever says more time has passed is
 * believed.
 */
export class Fence {
  readonly #openForMs: number
  readonly #clocks: FenceClocks
  #confirmed: Instant

  constructor(ttlMs: number, askedAt: Instant, clocks: FenceClocks = systemClocks) {
    this.#openForMs = ttlMs * (USABLE_SHARE - JITTER_SHARE * Math.random())
    this.#clocks = clocks
    this.#confirmed = askedAt
  }

  static now(clocks: FenceClocks = systemClocks): Instant {
    return { monotonic: clocks.monotonic(), wall: clocks.wall() }
  }

  /** The lease was renewed by a request that was made at `askedAt`. */
  confirm(askedAt: Instant): void {
    if (askedAt.monotonic > this.#confirmed.monotonic) this.#confirmed = askedAt
  }

  /** How long it stays open without another confirmation, in ms; 0 or less where it is closed. */
  remainingMs(): number {
    const passed = Math.max(
      this.#clocks.monotonic() - this.#confirmed.monotonic,
      this.#clocks.wall() - this.#confirmed.wall,
    )
    return this.#openForMs - passed
  }

  isOpen(): boolean {
    return this.remainingMs() > 0
  }

  /**
   * Asked immediately before anything is handed over that cannot be taken back.
   * @throws FenceClosed
   */
  check(): void {
    if (!this.isOpen()) throw new FenceClosed('the lease was not confirmed in time')
  }

  /** The wall-clock time (epoch ms) after which the page must refuse what is handed to it now. */
  deadline(): number {
    return Math.floor(this.#clocks.wall() + this.remainingMs())
  }
}
