import { createHash } from 'node:crypto'
import { type SendRequest, toTextMessage } from '@wsg/shared/send-request.ts'
import { Problem } from '../http/problem.ts'

/** How long a key stands for its message. */
const HOLD_MS = 24 * 3_600_000

export interface IdempotencyClaim {
  keyHash: string
  fingerprint: string
  holdMs: number
}

/**
 * Reads `Idempotency-Key`. Two spellings of the same request, a text as a string or as an object, are the same body.
 * @param retentionMs how long records are kept: a key must not outlive the record that it stands for
 * @returns null where none was given
 * @throws Problem where it is not 1 to 255 visible characters
 */
export function readIdempotencyKey(
  header: string | string[] | undefined,
  body: SendRequest,
  retentionMs: number,
): IdempotencyClaim | null {
  if (header === undefined) return null
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(header)) {
    throw new Problem('invalid_request', {
      sentence:
        'Invalid request: Idempotency-Key must have 1 to 255 visible ASCII characters without spaces.',
    })
  }
  const { to, message, replyTo, reference } = body
  const { type, text, linkPreview, mentions } = toTextMessage(message)
  const canonical = [
    to,
    type,
    text,
    linkPreview ?? null,
    mentions ?? null,
    replyTo ?? null,
    reference ?? null,
  ]
  return {
    keyHash: sha256(header),
    fingerprint: sha256(JSON.stringify(canonical)),
    holdMs: Math.min(HOLD_MS, retentionMs),
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
