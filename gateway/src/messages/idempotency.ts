import { createHash } from 'node:crypto'
import { canonicalRequest, type SendRequest } from '@wsg/shared/messages/send-request.ts'
import { invalidRequest } from '../http/problem.ts'

/** How long a key stands for its message. */
const HOLD_MS = 24 * 3_600_000

export interface IdempotencyClaim {
  keyHash: string
  /** Of the request, and of others that mean the same now. What is accepted is remembered under the first. */
  fingerprints: readonly string[]
  holdMs: number
}

/**
 * Reads `Idempotency-Key`.
 * @returns null where none was given
 * @throws Problem where it is not 1 to 255 visible characters
 */
export function readIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(header))
    throw invalidRequest('Idempotency-Key must have 1 to 255 visible ASCII characters without spaces')
  return header
}

/**
 * What a key and its request are remembered by. All spellings of one request are the same request, and a `sendAt` that is
 * over means the same as none.
 * @param retentionMs how long records are kept: a key must not outlive the record that it stands for
 */
export function claimMessage(key: string, body: SendRequest, retentionMs: number): IdempotencyClaim {
  const request = canonicalRequest(body)
  const isDue = request.sendAt !== undefined && request.sendAt <= Date.now()
  const same = isDue ? [{ ...request, sendAt: undefined }, request] : [request]
  return {
    keyHash: sha256(key),
    fingerprints: same.map((one) => sha256(JSON.stringify(one))),
    holdMs: Math.min(HOLD_MS, retentionMs),
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
