import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

/** A small JSON document that is replaced as a whole, so that a kill leaves the old or the new one. */
export class JsonFile<T> {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  read(): T | undefined {
    return existsSync(this.#path) ? (JSON.parse(readFileSync(this.#path, 'utf8')) as T) : undefined
  }

  write(value: T): void {
    const draft = `${this.#path}.new`
    writeFileSync(draft, JSON.stringify(value, null, 2))
    renameSync(draft, this.#path)
  }
}
