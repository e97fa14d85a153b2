import { withDeadline } from './with-deadline.ts'

interface ProbeSetting {
  everyMs: number
  deadlineMs: number
  /** Misses in a row until the page counts as dead. */
  misses: number
  ask: () => Promise<unknown>
  onDead: () => void
}

/** Asks the page for a sign of life again and again. A page that answers with an error lives; silence counts. */
export class PageProbe {
  readonly #setting: ProbeSetting
  #timer: NodeJS.Timeout | undefined
  #missed = 0
  #stopped = false

  constructor(setting: ProbeSetting) {
    this.#setting = setting
  }

  start(): void {
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#probe(), this.#setting.everyMs)
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  async #probe(): Promise<void> {
    const { ask, deadlineMs, misses, onDead } = this.#setting
    const silence = new Error('no answer')
    const answered = await withDeadline(ask(), deadlineMs, () => silence).then(
      () => true,
      (error) => error !== silence,
    )
    if (this.#stopped) return
    this.#missed = answered ? 0 : this.#missed + 1
    if (this.#missed < misses) return this.start()
    this.stop()
    onDead()
  }
}
