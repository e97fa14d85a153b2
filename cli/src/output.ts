import { styleText } from 'node:util'

/** What a command says: results on standard output, everything for a person beside it on standard error. */
export class Output {
  readonly isJson: boolean
  readonly isTerminal = process.stdout.isTTY === true

  constructor({ isJson }: { isJson: boolean }) {
    this.isJson = isJson
  }

  /** A result: as one line of JSON, or for a person, who may be shown it in another form. */
  result(value: unknown, shown: unknown = value): void {
    console.log(this.isJson ? JSON.stringify(value) : toText(shown))
  }

  /** A result that is for a person alone. */
  text(lines: string): void {
    if (!this.isJson) console.log(lines)
  }

  note(line: string): void {
    if (!this.isJson) console.error(styleText('dim', line, { stream: process.stderr }))
  }

  fault(message: string, problem?: object): void {
    if (this.isJson) console.error(JSON.stringify(problem ?? { error: message }))
    else console.error(styleText('red', message, { stream: process.stderr }))
  }
}

type Row = Record<string, unknown>

/** An answer as lines: a list as a table, anything else as `name: value`, with what is inside of it indented. */
function toText(value: unknown): string {
  const row = value as Row
  if (Array.isArray(row.items)) return toTable(row.items as Row[])
  return toLines(row, '').join('\n')
}

function toLines(row: Row, indent: string): string[] {
  return Object.entries(row).flatMap(([name, value]) => {
    if (value === undefined) return []
    if (Array.isArray(value) && value.some((one) => typeof one === 'object'))
      return [
        `${indent}${name}:`,
        ...toTable(value as Row[])
          .split('\n')
          .map((line) => `${indent}  ${line}`),
      ]
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return [`${indent}${name}:`, ...toLines(value as Row, `${indent}  `)]
    return [`${indent}${name}: ${toCell(value)}`]
  })
}

const WIDEST = 60

/** What most rows have and fits a line is a column. */
function toTable(rows: readonly Row[]): string {
  if (rows.length === 0) return '(none)'
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) =>
    rows.some(
      (row) => row[name] !== undefined && (typeof row[name] !== 'object' || Array.isArray(row[name])),
    ),
  )
  const lines = [names, ...rows.map((row) => names.map((name) => cut(toCell(row[name]))))]
  const widths = names.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function toCell(value: unknown): string {
  if (value === undefined || value === null) return '-'
  if (String(value).startsWith('data:')) return '(a picture: --json has it)'
  return withoutControls(Array.isArray(value) ? value.map(String).join(', ') : String(value))
}

/** A name or a text may be a stranger's: it moves no cursor and turns no line around. */
export function withoutControls(text: string): string {
  return text.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ')
}

function cut(text: string): string {
  return text.length <= WIDEST ? text : `${text.slice(0, WIDEST - 1)}…`
}
