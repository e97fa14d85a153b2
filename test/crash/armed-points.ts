import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { waitFor } from '../support/wait-for.ts'

/** The places on a message's way at which a worker can be made to kill itself. */
export const crashPoints = [
  'before_intent',
  'after_intent',
  'after_page_send',
  'after_ack',
  'after_record',
] as const
export type CrashPoint = (typeof crashPoints)[number]

/** Arms crash points in workers that were started with `environment`. */
export class ArmedPoints {
  readonly environment: Record<string, string>
  readonly #file: string

  constructor(folder: string) {
    this.#file = join(folder, 'crash-point')
    const loaded = pathToFileURL(join(import.meta.dirname, 'crash-points.ts'))
    loaded.searchParams.set('armed', this.#file)
    this.environment = { NODE_OPTIONS: `--import=${loaded.href}` }
  }

  arm(point: CrashPoint): void {
    writeFileSync(this.#file, point)
  }

  async untilStruck(): Promise<void> {
    await waitFor('the armed point to be reached', () => !existsSync(this.#file), { everyMs: 5 })
  }
}
