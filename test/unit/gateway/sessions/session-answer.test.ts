import { toSessionDetails } from '@wsg/gateway/src/sessions/session-answer.ts'
import { toEngineFields } from '@wsg/shared/sessions/engine.ts'
import type { SessionFields } from '@wsg/shared/sessions/session-view.ts'
import { expect, test } from 'vitest'

const snapshot = (fields: SessionFields, leaseToken: string | null = '1-a') => ({
  fields,
  leaseToken,
  notBefore: 0,
  nowMs: 10_000,
})

test('an unknown session has its guide sentence and no details', () => {
  expect(toSessionDetails('new-session', snapshot({}, null))).toEqual({
    sessionId: 'new-session',
    status: 'not_found',
    reason: 'unknown_session',
    message: 'Session does not exist. Request QR code to create.',
  })
})

test('worker and memory of an owner that is gone are not shown, what the session keeps is', () => {
  const fields: SessionFields = {
    createdAt: '1',
    token: '1-a',
    status: 'ready',
    reason: 'connected',
    worker: 'w1',
    memoryMb: '180.5',
    memoryLimitMb: '512',
    messageCount: '5',
    phone: '5511',
    connectedAt: '2024-01-15T10:30:00.000Z',
    updatedAt: '1000',
    savedLogin: '1',
  }
  expect(toSessionDetails('sales', snapshot(fields))).toMatchObject({
    status: 'ready',
    worker: 'w1',
    memoryMb: 180.5,
    memoryLimitMb: 512,
    messageCount: 5,
  })
  const orphaned = toSessionDetails('sales', snapshot(fields, null))
  expect(orphaned).toMatchObject({
    status: 'initializing',
    reason: 'reconnecting',
    messageCount: 5,
    phone: '5511',
  })
  expect(orphaned).not.toHaveProperty('worker')
  expect(orphaned).not.toHaveProperty('memoryMb')
  expect(orphaned).not.toHaveProperty('memoryLimitMb')
})

test('a session that rests after faults says when it is tried again', () => {
  const fields: SessionFields = {
    createdAt: '1',
    savedLogin: '1',
    status: 'initializing',
    reason: 'crash_loop',
  }
  const resting = { ...snapshot(fields, null), notBefore: 310_000 }
  expect(toSessionDetails('sales', resting)).toMatchObject({
    status: 'initializing',
    reason: 'crash_loop',
    nextAttemptAt: '1970-01-01T00:05:10.000Z',
  })
  expect(toSessionDetails('sales', snapshot(fields, null))).not.toHaveProperty('nextAttemptAt')
})

test('the page that it works with is shown, with what it lacks and what that concerns', () => {
  const fields: SessionFields = { createdAt: '1', token: '1-a', status: 'ready', reason: 'connected' }
  expect(toSessionDetails('sales', snapshot(fields))).not.toHaveProperty('engine')
  const engine = { library: 'whatsapp-web.js 1', page: '2.3000.1', missing: [] }
  const seen: SessionFields = { ...fields, library: engine.library, page: engine.page }
  expect(toSessionDetails('sales', snapshot(seen)).engine).toEqual(engine)
  const missing = [{ name: 'WAWebCmd.Cmd.archiveChat', concerns: ['chat.archive'] }]
  const lacking = { ...fields, ...toEngineFields({ ...engine, missing }) }
  expect(toSessionDetails('sales', snapshot(lacking)).engine).toEqual({ ...engine, missing })
  expect(lacking.sendingLacks).toBe('')
})

test('what is known of the account is shown', () => {
  const fields: SessionFields = { createdAt: '1', lid: '163971247583412@lid', lastAckAt: '1000' }
  expect(toSessionDetails('sales', snapshot(fields))).toMatchObject({
    lid: '163971247583412@lid',
    lastAckAt: '1970-01-01T00:00:01.000Z',
  })
})

test('what WhatsApp keeps the account from is shown with its meaning, also while nobody runs it', () => {
  const fields: SessionFields = { createdAt: '1', restriction: 'new_chat_cap', restrictedSince: '1000' }
  const until = { restrictedUntil: '61000' }
  expect(toSessionDetails('sales', snapshot({ ...fields, ...until }, null)).restriction).toEqual({
    kind: 'new_chat_cap',
    since: '1970-01-01T00:00:01.000Z',
    until: '1970-01-01T00:01:01.000Z',
    concerns: 'new_chats',
    meaning: expect.stringContaining('POST /queue/resume'),
  })
  const resumed = (resumedAt: string) =>
    toSessionDetails('sales', snapshot({ ...fields, restrictedUntil: '3601000', resumedAt })).restriction
  expect(resumed('999')).toHaveProperty('until')
  expect(resumed('1001')).not.toHaveProperty('until')
  expect(toSessionDetails('sales', snapshot(fields)).restriction).not.toHaveProperty('until')
  expect(toSessionDetails('sales', snapshot({ createdAt: '1' }))).not.toHaveProperty('restriction')
})
