import { possible } from '@wsg/gateway/src/dashboard/page/pages/session/controls.ts'
import { expect, it } from 'vitest'

it('offers with a session what its state allows, and nothing while it is being deleted', () => {
  const of = (
    status: Parameters<typeof possible>[0]['status'],
    reason: Parameters<typeof possible>[0]['reason'],
  ) => possible({ status, reason })
  expect(of('not_found', 'unknown_session')).toEqual(['pair'])
  expect(of('ready', 'connected')).toEqual(['restart', 'stop', 'delete'])
  expect(of('waiting_qr', 'qr_available')).toEqual(['restart', 'stop', 'delete'])
  expect(of('stopped', 'operator')).toEqual(['start', 'pair', 'delete'])
  expect(of('failed', 'logged_out')).toEqual(['pair', 'start', 'delete'])
  expect(of('stopped', 'deleting')).toEqual([])
})
