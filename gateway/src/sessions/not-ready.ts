import { notReadySentence } from '@wsg/shared/errors.ts'
import {
  type SessionReason,
  type SessionStatus,
  sentenceFor,
} from '@wsg/shared/sessions/session-lifecycle.ts'
import { Problem } from '../http/problem.ts'

/** What no QR code mends, and what to do is said by the reason's own sentence. */
const NOT_MENDED_BY_QR: ReadonlySet<SessionReason> = new Set([
  'account_blocked',
  'browser_missing',
  'foreign_world',
  'memory_limit',
  'page_unsupported',
  'profile_not_owned',
  'proxy_blocked',
  'whatsapp_unreachable',
])

/**
 * The refusal of what only a ready session can do, in the guide's words where a QR code may help. Waiting helps only while
 * the session is on its way.
 */
export function notReady(sessionId: string, status: SessionStatus, reason: SessionReason): Problem {
  return new Problem('session_not_ready', {
    sentence: NOT_MENDED_BY_QR.has(reason)
      ? notReadySentence(sessionId, status, sentenceFor(reason))
      : notReadySentence(sessionId, status),
    detail: sentenceFor(reason),
    retryable: status === 'initializing' || status === 'waiting_qr',
    members: { sessionId, sessionStatus: status, expected: 'ready', reason },
  })
}
