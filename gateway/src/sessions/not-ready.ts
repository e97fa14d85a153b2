import { notReadySentence } from '@wsg/shared/errors.ts'
import {
  type SessionReason,
  type SessionStatus,
  sentenceFor,
} from '@wsg/shared/sessions/session-lifecycle.ts'
import { Problem } from '../http/problem.ts'

/** The reasons for which a QR code is the way on, or soon will be. What helps in all others is said by their own sentences. */
const MENDED_BY_QR: ReadonlySet<SessionReason> = new Set([
  'auth_failure',
  'loading',
  'logged_out',
  'pairing_code',
  'qr_available',
  'qr_expired',
  'starting',
  'unlinked',
  'waiting_for_worker',
])

/**
 * The refusal of what only a ready session can do, in the guide's words where a QR code may help. Waiting helps only while
 * the session is on its way.
 */
export function notReady(sessionId: string, status: SessionStatus, reason: SessionReason): Problem {
  return new Problem('session_not_ready', {
    sentence: MENDED_BY_QR.has(reason)
      ? notReadySentence(sessionId, status)
      : notReadySentence(sessionId, status, sentenceFor(reason)),
    detail: sentenceFor(reason),
    retryable: status === 'initializing' || status === 'waiting_qr',
    members: { sessionId, sessionStatus: status, expected: 'ready', reason },
  })
}
