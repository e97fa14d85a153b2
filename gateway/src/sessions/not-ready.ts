import { notReadySentence } from '@wsg/shared/errors.ts'
import {
  type SessionReason,
  type SessionStatus,
  sentenceFor,
} from '@wsg/shared/sessions/session-lifecycle.ts'
import { Problem } from '../http/problem.ts'

/** The refusal of what only a ready session can do, in the guide's words; waiting helps only while it is on its way. */
export function notReady(sessionId: string, status: SessionStatus, reason: SessionReason): Problem {
  return new Problem('session_not_ready', {
    sentence: notReadySentence(sessionId, status),
    detail: sentenceFor(reason),
    retryable: status === 'initializing' || status === 'waiting_qr',
    members: { sessionId, sessionStatus: status, expected: 'ready', reason },
  })
}
