import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'

/** An append-only file of JSON lines. Each line is in the kernel before `append` returns, so a kill loses none. */
export class LinesFile<T> {
  readonly #path: string
  readonly #fd: number

  constructor(path: string) {
    this.#path = path
    this.#fd = openSync(path, 'a')
  }

  append(line: T): void {
    writeSync(this.#fd, `${JSON.stringify(line)}\n`)
  }

  /** All lines so far; a last line that was cut off is left out. */
  read(): T[] {
    if (!existsSync(this.#path)) return []
    const lines = readFileSync(this.#path, 'utf8').split('\n')
    lines.pop()
    return lines.map((line) => JSON.parse(line) as T)
  }

  clear(): void {
    ftruncateSync(this.#fd)
  }

  close(): void {
    closeSync(this.#fd)
  }
}
