import { Problem } from '../http/problem.ts'
import { type BatchLine, LinePieces } from './batch-line.ts'
import type { BodySplitter } from './split-lines.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPENING = new Set([0x5b, 0x7b])
const CLOSING = new Set([0x5d, 0x7d])
const ARRAY_START = 0x5b
const ARRAY_END = 0x5d
/** Spaces, tabs, line ends, and the mark that some editors put before everything. */
const IGNORED = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf])

/**
 * Cuts a JSON array into its elements as it comes, by brackets and strings alone: each is parsed by itself, so that one
 * that is no JSON spoils no other.
 */
export class ArraySplitter implements BodySplitter {
  readonly #pieces = new LinePieces()
  #place: 'before' | 'inside' | 'after' = 'before'
  #line = 0
  #depth = 0
  #isString = false
  #isEscaped = false

  /** @throws Problem where the body is not an array, before anything of it was taken */
  push(bytes: Buffer): BatchLine[] {
    const lines: BatchLine[] = []
    let from = 0
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes[i] as number
      if (this.#place !== 'inside') {
        if (IGNORED.has(byte)) continue
        if (this.#place === 'after' || byte !== ARRAY_START) throw notAnArray()
        this.#place = 'inside'
        from = i + 1
      } else if (this.#isBetween(byte)) {
        this.#pieces.add(bytes.subarray(from, i))
        if (byte === ARRAY_END) this.#place = 'after'
        lines.push(...this.#cut())
        from = i + 1
      }
    }
    if (this.#place === 'inside') this.#pieces.add(bytes.subarray(from))
    return lines
  }

  end(): BatchLine[] {
    if (this.#place === 'after') return []
    if (this.#place === 'before') throw notAnArray()
    this.#line += 1
    return [{ line: this.#line, text: invalid('the array does not end') }]
  }

  /** True for the comma after an element, and for the end of the array. */
  #isBetween(byte: number): boolean {
    if (this.#isString) {
      if (this.#isEscaped) this.#isEscaped = false
      else if (byte === BACKSLASH) this.#isEscaped = true
      else if (byte === QUOTE) this.#isString = false
      return false
    }
    if (byte === QUOTE) this.#isString = true
    else if (OPENING.has(byte)) this.#depth += 1
    else if (this.#depth === 0) return byte === COMMA || byte === ARRAY_END
    else if (CLOSING.has(byte)) this.#depth -= 1
    return false
  }

  #cut(): BatchLine[] {
    const text = this.#pieces.take()
    if (text === '' && this.#line === 0 && this.#place === 'after') return []
    this.#line += 1
    return [{ line: this.#line, text }]
  }
}

function notAnArray(): Problem {
  return invalid('the body must be one JSON array')
}

function invalid(what: string): Problem {
  return new Problem('invalid_request', { sentence: `Invalid request: ${what}.` })
}
