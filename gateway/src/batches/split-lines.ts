import { type BatchLine, LinePieces } from './batch-line.ts'

/** Cuts a body into lines as it comes; holds no more than the line that is not whole yet. */
export interface BodySplitter {
  /** @returns what became whole with these bytes */
  push(bytes: Buffer): BatchLine[]
  /** @returns what was left when the body ended */
  end(): BatchLine[]
}

const NEWLINE = 0x0a

/** `application/x-ndjson`: empty lines count, so that numbers are those of the caller's file, but say nothing. */
export class NdjsonSplitter implements BodySplitter {
  readonly #pieces = new LinePieces()
  #line = 0

  push(bytes: Buffer): BatchLine[] {
    const lines: BatchLine[] = []
    let from = 0
    for (let to = bytes.indexOf(NEWLINE); to !== -1; to = bytes.indexOf(NEWLINE, from)) {
      this.#pieces.add(bytes.subarray(from, to))
      lines.push(...this.#cut())
      from = to + 1
    }
    this.#pieces.add(bytes.subarray(from))
    return lines
  }

  end(): BatchLine[] {
    return this.#pieces.isEmpty ? [] : this.#cut()
  }

  #cut(): BatchLine[] {
    this.#line += 1
    const text = this.#pieces.take()
    return text === '' ? [] : [{ line: this.#line, text }]
  }
}
