import { isQrDecided, scannableCode, toQrAnswer } from '@wsg/gateway/src/sessions/qr-answer.ts'
import type { SessionFields, SessionSnapshot } from '@wsg/shared/sessions/session-view.ts'
import { expect, test } from 'vitest'

const snapshot = (fields: SessionFields, more: Partial<SessionSnapshot> = {}): SessionSnapshot => ({
  fields: { createdAt: '1', token: '1-a', ...fields },
  leaseToken: '1-a',
  notBefore: 0,
  nowMs: 10_000,
  ...more,
})
const waiting: SessionFields = {
  status: 'waiting_qr',
  reason: 'qr_available',
  qr: 'code',
  qrExpiresAt: '20000',
}

test('a code is shown while its owner lives and it has not run out', async () => {
  expect(await toQrAnswer('a', snapshot(waiting))).toMatchObject({
    status: 'waiting_qr',
    code: 'code',
    expiresAt: new Date(20_000).toISOString(),
  })
  expect(scannableCode(snapshot(waiting, { nowMs: 20_000 }))).toBeNull()
  expect(scannableCode(snapshot(waiting, { leaseToken: null }))).toBeNull()
  expect(scannableCode(snapshot(waiting, { leaseToken: '2-b' }))).toBeNull()
})

test('a wait ends with a code, a login or the end of the session, and with nothing less', () => {
  expect(isQrDecided(snapshot(waiting))).toBe(true)
  expect(isQrDecided(snapshot({ status: 'ready' }))).toBe(true)
  expect(isQrDecided(snapshot({ status: 'failed' }, { leaseToken: null, notBefore: null }))).toBe(true)
  expect(isQrDecided(snapshot({ status: 'ready' }, { leaseToken: null }))).toBe(false)
  expect(isQrDecided(snapshot({ status: 'initializing' }))).toBe(false)
  expect(isQrDecided(snapshot({ ...waiting, qrExpiresAt: '1' }))).toBe(false)
})
