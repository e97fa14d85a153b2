import { once } from 'node:events'
import { join } from 'node:path'
import { forkProgram, type Program } from './program.ts'

export interface Load {
  port: number
  path: string
  headers: Record<string, string>
  /** Used in turn. */
  bodies: string[]
  connections: number
  /** Ends after so many requests or so many ms, whichever comes first. */
  count: number
  forMs: number
}

export type LoadResult = { accepted: number; elapsedMs: number } | { error: string }

/** The load generator, in a process of its own: the same one for both sides of a comparison. */
export class LoadGenerator implements AsyncDisposable {
  readonly #program: Program = forkProgram(join(import.meta.dirname, 'load-generator.ts'))

  /** @returns accepted requests a second. @throws where one was refused */
  async rate(load: Load): Promise<number> {
    const answer = once(this.#program.child, 'message') as Promise<[LoadResult]>
    this.#program.child.send(load)
    const [result] = await answer
    if ('error' in result) throw new Error(`the load on ${load.path} ended: ${result.error}`)
    return (result.accepted * 1_000) / result.elapsedMs
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.kill()
  }
}
