import type { Engine } from '@wsg/shared/sessions/engine.ts'
import { bindings } from './page/bindings.ts'
import type { PageLook } from './page/missing-bindings.ts'
import type { Binding } from './page/operations/page-operation.ts'

/** A page loads modules for minutes after it is ready. */
const LOOKED_AT_AGAIN_MS = 300_000
const WHILE_MISSING_MS = 60_000

interface EngineWatchOptions {
  /** Name and version of the library. */
  library: string
  look(): Promise<PageLook>
  /** It is seen for the first time in a document, or has changed. */
  onSeen(engine: Engine): void
}

/** Looks whether a page has what sessions need of it: when it is ready, some minutes later, and while something is missing. */
export class EngineWatch {
  readonly #options: EngineWatchOptions
  #seen = ''
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(options: EngineWatchOptions) {
    this.#options = options
  }

  /** A document is ready. @returns what it says of itself */
  async begin(): Promise<PageLook> {
    this.#seen = ''
    const found = await this.#look()
    this.#lookAgainIn(found.missing.length > 0 ? WHILE_MISSING_MS : LOOKED_AT_AGAIN_MS)
    return found
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #lookAgainIn(ms: number): void {
    clearTimeout(this.#timer)
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#lookAgain(), ms)
  }

  async #lookAgain(): Promise<void> {
    // A page that does not answer is somebody else's to notice.
    const found = await this.#look().catch(() => null)
    if (found === null || found.missing.length > 0) this.#lookAgainIn(WHILE_MISSING_MS)
  }

  async #look(): Promise<PageLook> {
    const found = await this.#options.look()
    const engine = toEngine(this.#options.library, found)
    const seen = JSON.stringify(engine)
    if (seen !== this.#seen && !this.#stopped) this.#options.onSeen(engine)
    this.#seen = seen
    return found
  }
}

/** What a page says of itself is shown, and labels a figure. */
const VERSION = /^[\w.-]{1,40}$/

export function toEngine(
  library: string,
  { version, missing }: Pick<PageLook, 'version' | 'missing'>,
): Engine {
  return {
    library,
    page: VERSION.test(version) ? version : 'unknown',
    missing: missing.map((name) => ({ name, concerns: bindings.get(name as Binding)?.concerns ?? [] })),
  }
}
