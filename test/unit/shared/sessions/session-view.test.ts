import type { SessionFields, SessionSnapshot } from '@wsg/shared/sessions/session-view.ts'
import { isRestorable, nextAttemptAt, viewSession } from '@wsg/shared/sessions/session-view.ts'
import { describe, expect, it } from 'vitest'

const NOW = 1_000_000

function snapshot(
  fields: SessionFields,
  rest: Partial<Omit<SessionSnapshot, 'fields'>> = {},
): SessionSnapshot {
  return { fields: { createdAt: '1', ...fields }, leaseToken: null, notBefore: null, nowMs: NOW, ...rest }
}

const dead = { status: 'ready', reason: 'connected', token: '1-dead' }

describe('what a caller is shown', () => {
  it.each<[string, SessionSnapshot, string, string]>([
    ['a session nobody knows', { ...snapshot({}), fields: {} }, 'not_found', 'unknown_session'],
    [
      'a new one that no worker took',
      snapshot({}, { notBefore: NOW - 1 }),
      'initializing',
      'waiting_for_worker',
    ],
    ['one just taken', snapshot({}, { notBefore: 0, leaseToken: '1-a' }), 'initializing', 'starting'],
    [
      'one just taken that has a login',
      snapshot({ savedLogin: '1' }, { notBefore: 0, leaseToken: '1-a' }),
      'initializing',
      'restoring',
    ],
    [
      'what a living owner says',
      snapshot({ ...dead, token: '1-a' }, { notBefore: 0, leaseToken: '1-a' }),
      'ready',
      'connected',
    ],
    ["a dead owner's ready", snapshot(dead, { notBefore: 0 }), 'initializing', 'reconnecting'],
    [
      "a dead owner's ready under a new owner",
      snapshot({ ...dead, savedLogin: '1' }, { notBefore: 0, leaseToken: '2-b' }),
      'initializing',
      'restoring',
    ],
    ['one that waits out its back-off', snapshot({}, { notBefore: NOW + 5 }), 'initializing', 'restarting'],
    ...(['crash_loop', 'memory_limit', 'whatsapp_unreachable'] as const).map(
      (reason): [string, SessionSnapshot, string, string] => [
        `one that rests because of ${reason}`,
        snapshot({ status: 'initializing', reason }, { notBefore: NOW + 5 }),
        'initializing',
        reason,
      ],
    ),
    [
      'one whose rest is over',
      snapshot({ status: 'initializing', reason: 'crash_loop' }, { notBefore: NOW }),
      'initializing',
      'waiting_for_worker',
    ],
    ['a failed one', snapshot({ status: 'failed', reason: 'qr_expired' }), 'failed', 'qr_expired'],
    ['one stopped on request', snapshot({ stopped: 'operator', savedLogin: '1' }), 'stopped', 'operator'],
    ['a login on the volume', snapshot({ savedLogin: '1' }), 'stopped', 'saved_login'],
    [
      'one that is being deleted',
      snapshot({ deleting: '1', status: 'ready', token: '1-a' }, { leaseToken: '1-a', notBefore: 0 }),
      'stopped',
      'deleting',
    ],
    [
      'one that is being logged out',
      snapshot({ loggingOut: '1', status: 'ready', token: '1-a' }, { leaseToken: '1-a', notBefore: 0 }),
      'stopped',
      'logging_out',
    ],
    ['one that was logged out', snapshot({ stopped: 'unlinked' }), 'stopped', 'unlinked'],
    [
      'a reason that this version does not know',
      snapshot({ status: 'failed', reason: 'constructor' }),
      'failed',
      'auth_failure',
    ],
  ])('%s', (_case, given, status, reason) => {
    expect(viewSession(given)).toMatchObject({ status, reason })
  })
})

describe('the next attempt', () => {
  it('is told of a session that rests, and of no other', () => {
    expect(nextAttemptAt(snapshot({}, { notBefore: NOW + 5 }))).toBe(NOW + 5)
    for (const rest of [{ notBefore: NOW }, { notBefore: null }, { notBefore: NOW + 5, leaseToken: '1-a' }])
      expect(nextAttemptAt(snapshot({}, rest))).toBeNull()
  })
})

describe('a saved login', () => {
  it('is loaded by any request that names it', () => {
    expect(isRestorable(snapshot({ savedLogin: '1' }))).toBe(true)
    expect(isRestorable(snapshot({ savedLogin: '1', stopped: 'idle' }))).toBe(true)
  })

  it('is left alone when an operator stopped it or wanted it logged out, it is being deleted, or it failed for good', () => {
    expect(isRestorable(snapshot({ savedLogin: '1', stopped: 'operator' }))).toBe(false)
    expect(isRestorable(snapshot({ savedLogin: '1', stopped: 'logout_unconfirmed' }))).toBe(false)
    expect(isRestorable(snapshot({ savedLogin: '1', deleting: '1' }))).toBe(false)
    expect(isRestorable(snapshot({ savedLogin: '1', status: 'failed', reason: 'crash_loop' }))).toBe(false)
  })

  it('needs no loading while it is desired', () => {
    expect(isRestorable(snapshot({ savedLogin: '1' }, { notBefore: NOW + 5 }))).toBe(false)
  })
})
