import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '../support/chromium.ts'

export interface PageCalls {
  /** By method: `> …` from Node to the page, `< …` from the page to Node, `=` an answer. */
  byMethod: Map<string, number>
  bytes: number
}

/** A Chromium that tells how many messages pass between it and Node. */
export class PageCounter {
  /** To be started in the place of Chromium. Bears its name, by which the leaner one is known. */
  readonly executable: string
  readonly #notes: string

  private constructor(executable: string, notes: string) {
    this.executable = executable
    this.#notes = notes
  }

  static async create(): Promise<PageCounter> {
    const folder = await mkdtemp(join(tmpdir(), 'page-tap-'))
    const { executablePath } = chromium()
    const executable = join(folder, executablePath.split('/').at(-1) as string)
    const notes = join(folder, 'notes')
    const tap = join(import.meta.dirname, 'page-tap.ts')
    const words = [process.execPath, tap, executablePath, notes].map((word) => `'${word}'`).join(' ')
    writeFileSync(executable, `#!/bin/sh\nexec ${words} "$@"\n`)
    writeFileSync(notes, '')
    chmodSync(executable, 0o755)
    return new PageCounter(executable, notes)
  }

  /** All so far. */
  read(): PageCalls {
    const byMethod = new Map<string, number>()
    let bytes = 0
    for (const line of readFileSync(this.#notes, 'utf8').split('\n')) {
      const end = line.lastIndexOf(' ')
      if (end < 0) continue
      const method = line.slice(0, end)
      byMethod.set(method, (byMethod.get(method) ?? 0) + 1)
      bytes += Number(line.slice(end + 1))
    }
    return { byMethod, bytes }
  }
}
