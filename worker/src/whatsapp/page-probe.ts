import pTimeout from 'p-timeout'

/** So many misses in a row, and the page counts as dead. */
const MISSES = 2

interface ProbeOptions {
  everyMs: number
  deadlineMs: number
  ask: () => Promise<unknown>
  /** True while silence has another explanation that somebody else watches over. */
  excused: () => boolean
  onDead: () => void
}

/**
 * Asks the page for a sign of life again and again. A page that answers with an error lives; silence counts, and is
 * followed by the next question at once. So a hang is noticed after `everyMs` and two deadlines at the latest,
 * while a page on a busy machine has all of these deadlines to answer one simple question.
 */
export class PageProbe {
  readonly #options: ProbeOptions
  #timer: NodeJS.Timeout | undefined
  #missed = 0
  #isAsking = false
  #stopped = false

  constructor(options: ProbeOptions) {
    this.#options = options
  }

  start(): void {
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#probe(), this.#options.everyMs)
  }

  /** The page left something else unanswered for too long: that is one miss, and it is asked at once. */
  suspect(): void {
    if (this.#stopped || this.#options.excused()) return
    this.#missed = Math.max(this.#missed, 1)
    if (this.#isAsking) return
    clearTimeout(this.#timer)
    void this.#probe()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  async #probe(): Promise<void> {
    const { excused, onDead } = this.#options
    this.#isAsking = true
    while (!(await this.#answers())) {
      if (this.#stopped) return
      this.#missed = excused() ? 0 : this.#missed + 1
      if (this.#missed < MISSES) continue
      this.stop()
      onDead()
      return
    }
    this.#isAsking = false
    this.#missed = 0
    this.start()
  }

  async #answers(): Promise<boolean> {
    const { ask, deadlineMs } = this.#options
    const silence = new Error('no answer')
    return await pTimeout(ask(), { milliseconds: deadlineMs, message: silence }).then(
      () => true,
      (error) => error !== silence,
    )
  }
}
