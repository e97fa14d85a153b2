import { type ErrorCode, errorCatalogue } from '@wsg/shared/errors.ts'
import { z } from 'zod'

export interface ProblemExtras {
  /** The sentence in `error`, where the catalogue's own is not precise enough. */
  sentence?: string
  /** What is particular about this one; may be shown to the caller. */
  detail?: string
  /** Where the catalogue's own word does not fit. */
  retryable?: boolean
  /** Where it is known when waiting is over; the code's own word where absent. */
  retryAfterSeconds?: number
  /** Further members of the body. */
  members?: Record<string, unknown>
}

/** An answer that is an error of the catalogue. Thrown by handlers and hooks, turned into a response in one place. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ErrorCode
  readonly extras: ProblemExtras

  constructor(code: ErrorCode, extras: ProblemExtras = {}) {
    super(extras.sentence ?? errorCatalogue[code].sentence)
    this.code = code
    this.extras = extras
  }

  get status(): number {
    return errorCatalogue[this.code].status
  }

  get retryable(): boolean {
    return this.extras.retryable ?? errorCatalogue[this.code].retryable
  }

  /** Seconds after which to come back; undefined where waiting does not help. */
  get retryAfterSeconds(): number | undefined {
    return this.retryable ? (this.extras.retryAfterSeconds ?? retryAfterSeconds[this.code]) : undefined
  }

  /** The body as RFC 9457 has it, with `error`, the sentence that the usage guide promises. */
  toBody(requestId: string): Record<string, unknown> {
    const { title, status, sentence } = errorCatalogue[this.code]
    const error = this.extras.sentence ?? sentence
    return {
      error,
      type: `urn:wsg:error:${this.code}`,
      title,
      status,
      detail: this.extras.detail ?? error,
      code: this.code,
      requestId,
      retryable: this.retryable,
      ...this.extras.members,
    }
  }
}

/** @param what is wrong, as the end of a sentence */
export function invalidRequest(what: string): Problem {
  return new Problem('invalid_request', { sentence: `Invalid request: ${what}.` })
}

const retryAfterSeconds: Partial<Record<ErrorCode, number>> = {
  redis_unavailable: 2,
  redis_full: 30,
  redis_may_evict: 30,
  session_deleting: 5,
  session_logging_out: 5,
  logout_not_confirmed: 5,
  session_not_ready: 5,
  too_many_wrong_tokens: 60,
  rate_limited: 60,
  too_many_unpaired: 30,
  queue_full: 10,
  daily_cap_reached: 3_600,
  too_many_number_checks: 30,
  too_many_reads: 5,
  media_store_full: 600,
  converter_unavailable: 30,
  worker_failed: 5,
  worker_timeout: 5,
}

export const problemSchema = z
  .looseObject({
    error: z.string(),
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.enum(Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]]),
    requestId: z.string(),
    retryable: z.boolean(),
  })
  .describe('An error of the catalogue.')

/** What every route may answer besides its own. */
export const problemResponses = problemResponsesOf([])

/** The same, with a sentence for each code that is the route's own. */
export function problemResponsesOf(codes: readonly ErrorCode[]) {
  const of = (digit: 4 | 5) => {
    const own = codes.filter((code) => Math.floor(errorCatalogue[code].status / 100) === digit)
    const sentences = own.map((code) => `${code}: ${errorCatalogue[code].sentence}`)
    return own.length > 0 ? problemSchema.describe(sentences.join('\n')) : problemSchema
  }
  return { '4xx': of(4), '5xx': of(5) }
}
