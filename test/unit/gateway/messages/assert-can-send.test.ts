import { Problem } from '@wsg/gateway/src/http/problem.ts'
import { assertCanReach, assertCanSend } from '@wsg/gateway/src/messages/assert-can-send.ts'
import { type SessionReason, sentenceFor } from '@wsg/shared/sessions/session-lifecycle.ts'
import type { SessionFields, SessionSnapshot } from '@wsg/shared/sessions/session-view.ts'
import { expect, test } from 'vitest'

const snapshot = (fields: SessionFields, more: Partial<SessionSnapshot> = {}): SessionSnapshot => ({
  fields: { createdAt: '1', token: '1-a', ...fields },
  leaseToken: '1-a',
  notBefore: 0,
  nowMs: 10_000,
  ...more,
})
const paired: SessionFields = { savedLogin: '1', status: 'ready', reason: 'connected' }
const resting = { leaseToken: null, notBefore: null }

test.each<[string, SessionSnapshot, string]>([
  ['ready', snapshot(paired), 'accept'],
  ['its owner just died', snapshot(paired, { leaseToken: null }), 'accept'],
  ['a new owner restores it', snapshot(paired, { leaseToken: '2-b' }), 'accept'],
  [
    'it waits out its back-off',
    snapshot({ ...paired, status: 'initializing' }, { leaseToken: null, notBefore: 99_000 }),
    'accept',
  ],
  ['idle', snapshot({ ...paired, stopped: 'idle' }, resting), 'restore'],
  [
    'found on the volume',
    { ...snapshot({}, resting), fields: { createdAt: '1', savedLogin: '1' } },
    'restore',
  ],
  ...(['crash_loop', 'memory_limit', 'whatsapp_unreachable'] as const).map(
    (reason): [string, SessionSnapshot, string] => [
      `it rests because of ${reason}`,
      snapshot({ ...paired, status: 'initializing', reason }, { leaseToken: null, notBefore: 99_000 }),
      'accept',
    ],
  ),
])('%s: %j', (_name, state, verdict) => {
  expect(assertCanSend('a', state)).toBe(verdict)
})

test.each<[string, SessionSnapshot, string]>([
  ['never paired, starting', snapshot({ status: 'initializing', reason: 'starting' }), 'initializing'],
  ['at its QR', snapshot({ status: 'waiting_qr' }), 'waiting_qr'],
  ['logged out', snapshot({ status: 'failed', reason: 'logged_out' }, resting), 'failed'],
])("%s gets the guide's sentence", (_name, state, status) => {
  const problem = refusal(state)
  expect(problem.toBody('r')).toMatchObject({
    error: `Session 'my-id' not ready. Status: ${status}. Please check QR code endpoint.`,
    code: 'session_not_ready',
    sessionId: 'my-id',
    sessionStatus: status,
    expected: 'ready',
  })
})

test.each([
  ['profile_not_owned', 'The profile folder belongs to another user.'],
  ['foreign_world', 'This profile belongs to the other world'],
  ['browser_missing', 'No Chromium was found'],
  ['memory_limit', 'The session goes over its memory limit'],
  ['whatsapp_unreachable', 'WhatsApp Web could not be reached.'],
] as const)('%s, which no QR code mends, is told with its cause and its remedy', (reason, cause) => {
  const state = snapshot({ status: 'failed', reason }, resting)
  expect(refusal(state).toBody('r')).toMatchObject({
    error: `Session 'my-id' not ready. Status: failed. ${sentenceFor(reason)}`,
    detail: expect.stringContaining(cause),
    reason,
  })
})

test.each<[string, SessionSnapshot, SessionReason]>([
  ['stopped', snapshot({ ...paired, stopped: 'operator', status: 'stopped' }, resting), 'operator'],
  ['being stopped', snapshot({ ...paired, stopped: 'operator' }, { notBefore: null }), 'operator'],
  ['being deleted', snapshot({ ...paired, deleting: '1' }), 'deleting'],
  ['being logged out', snapshot({ ...paired, loggingOut: '1' }), 'logging_out'],
])('%s says what helps, which is no QR code', (_name, state, reason) => {
  expect(refusal(state).toBody('r')).toMatchObject({
    error: `Session 'my-id' not ready. Status: stopped. ${sentenceFor(reason)}`,
    reason,
  })
})

test('says to come back only where waiting helps', () => {
  const unpaired = snapshot({ status: 'initializing', reason: 'starting' })
  expect(refusal(unpaired)).toMatchObject({ retryable: true, retryAfterSeconds: expect.any(Number) })
  for (const state of [
    snapshot({ status: 'failed', reason: 'logged_out' }, resting),
    snapshot({ ...paired, stopped: 'operator' }, { notBefore: null }),
  ])
    expect(refusal(state)).toMatchObject({ retryable: false, retryAfterSeconds: undefined })
})

test('a stopped session is not described by the ready of its owner', () => {
  const body = refusal(snapshot({ ...paired, stopped: 'operator' }, { notBefore: null })).toBody('r')
  expect(body).toMatchObject({ sessionStatus: 'stopped', reason: 'operator' })
  expect(body.detail).not.toContain('Connected')
})

test('one whose page lacks what sending needs says what, while its owner lives', () => {
  const lacking = { ...paired, sendingLacks: 'WAWebSendMsgChatAction.addAndSendMsgToChat' }
  const problem = refusal(snapshot(lacking))
  expect(problem.toBody('r')).toMatchObject({
    code: 'not_available_in_this_page',
    detail: expect.stringContaining('lacks WAWebSendMsgChatAction.addAndSendMsgToChat'),
    sessionId: 'my-id',
  })
  expect(assertCanReach('a', snapshot(lacking))).toBe('accept')
  // The page of the next owner may be another one.
  expect(assertCanSend('a', snapshot(lacking, { leaseToken: '2-b' }))).toBe('accept')
})

test('one that does not exist is not found', () => {
  expect(refusal({ ...snapshot({}, resting), fields: {} }).code).toBe('session_not_found')
})

function refusal(state: SessionSnapshot): Problem {
  try {
    assertCanSend('my-id', state)
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('it was not refused')
}
