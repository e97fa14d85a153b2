import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the documentation promises for one row of the crash table. Several values: any of them may come out. */
export interface Promised {
  never: { record: string[]; copies: number[] }
  sameId: { record: string[]; delivered: number[] }
}

const FILE = join(import.meta.dirname, '../../docs/crash-table.md')
const ROW = /^\| `(\w+)` +\|/

/** The rows of docs/crash-table.md by the name in their first column. */
export function readCrashTable(): Map<string, Promised> {
  const rows = readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => ROW.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()))
  return new Map(
    rows.map((cells) => {
      const [, name = '', , never = '', copies = '', sameId = '', delivered = ''] = cells
      return [
        name.replaceAll('`', ''),
        {
          never: { record: wordsOf(never), copies: wordsOf(copies).map(Number) },
          sameId: { record: wordsOf(sameId), delivered: wordsOf(delivered).map(Number) },
        },
      ]
    }),
  )
}

function wordsOf(cell: string): string[] {
  return cell.replaceAll('`', '').split(' or ')
}
