import { hash } from 'node:crypto'
import { canonicalRequest, type StoredRequest } from '@wsg/shared/messages/send-request.ts'
import { invalidRequest } from '../http/problem.ts'

export interface IdempotencyClaim {
  keyHash: string
  /** Of the request, and of others that mean the same now. What is accepted is remembered under the first. */
  fingerprints: readonly string[]
  /** True for a key that was made from its batch's, and is kept as long as the batch. */
  isOfBatch: boolean
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
 */
export function claimMessage(key: string, body: StoredRequest, isOfBatch = false): IdempotencyClaim {
  const request = canonicalRequest(body)
  const isDue = request.sendAt !== undefined && request.sendAt <= Date.now()
  const same = isDue ? [{ ...request, sendAt: undefined }, request] : [request]
  return {
    keyHash: sha256(key),
    fingerprints: same.map((one) => sha256(JSON.stringify(one))),
    isOfBatch,
  }
}

export function sha256(text: string): string {
  return hash('sha256', text)
}
