import { possible } from '@wsg/gateway/src/dashboard/page/pages/session/controls.ts'
import { expect, it } from 'vitest'

const of = (
  status: Parameters<typeof possible>[0]['status'],
  reason: Parameters<typeof possible>[0]['reason'],
  phone?: string,
) => possible({ status, reason, ...(phone !== undefined && { phone }) })
const PHONE = '5511911111111'

it('offers with a session what its state allows, and nothing while it is being deleted', () => {
  expect(of('not_found', 'unknown_session')).toEqual(['pair'])
  expect(of('waiting_qr', 'qr_available')).toEqual(['restart', 'stop', 'delete'])
  expect(of('stopped', 'operator')).toEqual(['pair', 'start', 'delete'])
  expect(of('failed', 'qr_expired')).toEqual(['pair', 'start', 'delete'])
  expect(of('stopped', 'logging_out', PHONE)).toEqual(['delete'])
  expect(of('stopped', 'deleting', PHONE)).toEqual([])
})

it('offers to log out what holds a login, whether it runs or not', () => {
  expect(of('ready', 'connected', PHONE)).toEqual(['restart', 'stop', 'logout', 'delete'])
  expect(of('stopped', 'logout_unconfirmed', PHONE)).toEqual(['start', 'logout', 'delete'])
  expect(of('stopped', 'unlinked', PHONE)).not.toContain('logout')
  expect(of('failed', 'logged_out', PHONE)).not.toContain('logout')
  expect(of('waiting_qr', 'qr_available', PHONE)).not.toContain('logout')
})
