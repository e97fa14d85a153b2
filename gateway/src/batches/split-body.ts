import { invalidRequest, Problem } from '../http/problem.ts'
import { decodeUtf8, MAX_BODY_BYTES } from '../http/read-body.ts'

/** One message of a batch as it came: its line, or its place in the array, counted from 1; a problem where it is unreadable. */
export interface BatchLine {
  line: number
  text: string | Problem
}

/** Cuts a body into messages as it comes; holds no more than the one that is not whole yet. */
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
    return [{ line: this.#line, text: invalidRequest('the array does not end') }]
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
  return invalidRequest('the body must be one JSON array')
}

/** Many small pieces cost more than the bytes in them. */
const MAX_PIECES = 1_000

/** Puts together the pieces of one message, and forgets one that is too long as soon as it is. */
class LinePieces {
  #pieces: Buffer[] = []
  #bytes = 0

  get isEmpty(): boolean {
    return this.#bytes === 0
  }

  add(piece: Buffer): void {
    if (piece.length === 0) return
    this.#bytes += piece.length
    if (this.#bytes > MAX_BODY_BYTES) this.#pieces = []
    else this.#pieces.push(piece)
    if (this.#pieces.length > MAX_PIECES) this.#pieces = [Buffer.concat(this.#pieces)]
  }

  /** The whole of it, trimmed, and room for the next one. */
  take(): BatchLine['text'] {
    const bytes = Buffer.concat(this.#pieces)
    const isTooLong = this.#bytes > MAX_BODY_BYTES
    this.#pieces = []
    this.#bytes = 0
    if (isTooLong) {
      const sentence = `A line must have at most ${MAX_BODY_BYTES} bytes.`
      return new Problem('payload_too_large', { sentence })
    }
    try {
      return decodeUtf8(bytes, 'the line').trim()
    } catch (error) {
      if (error instanceof Problem) return error
      throw error
    }
  }
}
