import { createHash } from 'node:crypto'
import { type SendRequest, toTextMessage } from '@wsg/shared/messages/send-request.ts'
import { Problem } from '../http/problem.ts'

/** How long a key stands for its message. */
const HOLD_MS = 24 * 3_600_000

export interface IdempotencyClaim {
  keyHash: string
  fingerprint: string
  holdMs: number
}

/**
 * Reads `Idempotency-Key`.
 * @returns null where none was given
 * @throws Problem where it is not 1 to 255 visible characters
 */
export function readIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(header)) {
    throw new Problem('invalid_request', {
      sentence:
        'Invalid request: Idempotency-Key must have 1 to 255 visible ASCII characters without spaces.',
    })
  }
  return header
}

/**
 * What a key and the message that it came with are remembered by. Two spellings of the same request, a text as a string
 * or as an object, are the same message.
 * @param retentionMs how long records are kept: a key must not outlive the record that it stands for
 */
export function claimMessage(key: string, body: SendRequest, retentionMs: number): IdempotencyClaim {
  const { to, message, replyTo, reference, sendAt, expiresAt, priority } = body
  const { type, text, linkPreview, mentions } = toTextMessage(message)
  const plan = [atMs(sendAt), atMs(expiresAt), priority === 'urgent']
  const canonical = [
    to,
    type,
    text,
    linkPreview ?? null,
    mentions ?? null,
    replyTo ?? null,
    reference ?? null,
    ...(plan.some(Boolean) ? plan : []),
  ]
  return {
    keyHash: sha256(key),
    fingerprint: sha256(JSON.stringify(canonical)),
    holdMs: Math.min(HOLD_MS, retentionMs),
  }
}

/** What the key of a whole batch is remembered by: a space keeps it apart from the keys of messages. */
export function claimBatch(key: string, retentionMs: number): { keyHash: string; holdMs: number } {
  return { keyHash: sha256(`batch ${key}`), holdMs: Math.min(HOLD_MS, retentionMs) }
}

function atMs(time: string | undefined): number | null {
  return time === undefined ? null : Date.parse(time)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
