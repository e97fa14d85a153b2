import { isUtf8 } from 'node:buffer'
import { bulkLineSchema, type SendRequest } from '@wsg/shared/messages/send-request.ts'
import { describeIssues } from '../http/describe-invalid.ts'
import { Problem } from '../http/problem.ts'

/** One message of a batch as it came: its line, or its place in the array, counted from 1; a problem where it is unreadable. */
export interface BatchLine {
  line: number
  text: string | Problem
}

/** What is said once for all lines that do not say it themselves. */
export type LineDefaults = Pick<SendRequest, 'sendAt' | 'expiresAt' | 'priority' | 'reference'>

/** As much as the body of one POST /send may have. */
const MAX_LINE_BYTES = 1_500_000
/** Many small pieces cost more than the bytes in them. */
const MAX_PIECES = 1_000

/** Puts together the pieces of one line, and forgets one that is too long as soon as it is. */
export class LinePieces {
  #pieces: Buffer[] = []
  #bytes = 0

  get isEmpty(): boolean {
    return this.#bytes === 0
  }

  add(piece: Buffer): void {
    if (piece.length === 0) return
    this.#bytes += piece.length
    if (this.#bytes > MAX_LINE_BYTES) this.#pieces = []
    else this.#pieces.push(piece)
    if (this.#pieces.length > MAX_PIECES) this.#pieces = [Buffer.concat(this.#pieces)]
  }

  /** The whole of it, trimmed, and room for the next one. */
  take(): BatchLine['text'] {
    const bytes = Buffer.concat(this.#pieces)
    const isTooLong = this.#bytes > MAX_LINE_BYTES
    this.#pieces = []
    this.#bytes = 0
    if (isTooLong) {
      const sentence = `A line must have at most ${MAX_LINE_BYTES} bytes.`
      return new Problem('payload_too_large', { sentence })
    }
    return isUtf8(bytes) ? bytes.toString('utf8').trim() : invalid('the line is not UTF-8')
  }
}

/**
 * Reads one line as POST /send reads its body.
 * @returns the problem where it is not a message
 */
export function readLine(
  text: string,
  defaults: LineDefaults,
): { body: SendRequest; idempotencyKey: string | null } | Problem {
  const json = parse(text)
  if (json === undefined) return invalid('the line is not valid JSON')
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json)
  const { success, data, error } = bulkLineSchema.safeParse(isObject ? { ...defaults, ...json } : json)
  if (!success) return invalid(describeIssues(error.issues, 'line').join('; '))
  const { idempotencyKey = null, ...body } = data
  return { body, idempotencyKey }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function invalid(what: string): Problem {
  return new Problem('invalid_request', { sentence: `Invalid request: ${what}.` })
}
