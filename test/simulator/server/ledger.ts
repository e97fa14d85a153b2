import { LinesFile } from './lines-file.ts'

export interface LedgerEntry {
  /** ISO time of arrival. */
  at: string
  account: string
  to: string
  chatId: string
  id: string
  body: string
  /** 1 for the first arrival of this id from this account, 2 for the second, … */
  copy: number
}

/** Every message that arrived over the wire, in order of arrival. Nothing is ever taken out of it. */
export class Ledger {
  readonly #file: LinesFile<LedgerEntry>

  constructor(path: string) {
    this.#file = new LinesFile(path)
  }

  write(entry: LedgerEntry): void {
    this.#file.append(entry)
  }

  read(): LedgerEntry[] {
    return this.#file.read()
  }

  clear(): void {
    this.#file.clear()
  }

  close(): void {
    this.#file.close()
  }
}
