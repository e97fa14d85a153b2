/** How long a session that is to be deleted is given to come up, because only a loaded page can log out. */
export const LOGOUT_LIMIT_MS = 60_000
/** After this long in `ready` earlier faults are forgotten. */
export const STEADY_AFTER_MS = 60_000

/** The limits of one ownership: each runs at most once at a time and is stopped with the rest. */
export class SessionTimers {
  readonly #running = new Map<string, NodeJS.Timeout>()

  /** Calls `act` after `ms`, unless a timer of this name runs already. */
  start(name: 'unscanned' | 'steady' | 'logout', ms: number, act: () => void): void {
    if (!this.#running.has(name)) this.#running.set(name, setTimeout(act, ms))
  }

  stop(name: 'unscanned' | 'steady' | 'logout'): void {
    clearTimeout(this.#running.get(name))
    this.#running.delete(name)
  }

  stopAll(): void {
    for (const timer of this.#running.values()) clearTimeout(timer)
    this.#running.clear()
  }
}
