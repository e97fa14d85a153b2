import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readBootId } from './process-identity.ts'

const entrySchema = z.object({
  role: z.enum(['redis', 'simulator', 'gateway', 'worker', 'browser']),
  pid: z.number().int().positive(),
  startTime: z.string(),
  /** Of a worker: what it calls itself, and the session that it owns. */
  workerId: z.string().optional(),
  sessionId: z.string().optional(),
})
export type LedgerEntry = z.infer<typeof entrySchema>

const ledgerSchema = z.object({ bootId: z.string(), children: z.array(entrySchema) })
export type Ledger = z.infer<typeof ledgerSchema>

const fileIn = (dataDir: string) => join(dataDir, 'children.json')

/**
 * Which processes run for this data folder, on disk: a supervisor that died by kill -9 leaves word to the next
 * one of what may be left over.
 */
export class ChildLedger {
  readonly #file: string
  readonly #bootId = readBootId()
  readonly #entries = new Map<number, LedgerEntry>()

  constructor(dataDir: string) {
    this.#file = fileIn(dataDir)
    this.#write()
  }

  put(entry: LedgerEntry): void {
    this.#entries.set(entry.pid, entry)
    this.#write()
  }

  remove(pid: number): void {
    if (this.#entries.delete(pid)) this.#write()
  }

  #write(): void {
    const ledger: Ledger = { bootId: this.#bootId, children: [...this.#entries.values()] }
    writeFileSync(`${this.#file}.new`, JSON.stringify(ledger), { mode: 0o600 })
    renameSync(`${this.#file}.new`, this.#file)
  }
}

/** What the previous supervisor left on record. @returns null where there is nothing that can be read */
export function readLedger(dataDir: string): Ledger | null {
  try {
    return ledgerSchema.parse(JSON.parse(readFileSync(fileIn(dataDir), 'utf8')))
  } catch {
    return null
  }
}
