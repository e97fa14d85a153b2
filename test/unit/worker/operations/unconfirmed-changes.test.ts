import { UnconfirmedChanges } from '@wsg/worker/src/operations/unconfirmed-changes.ts'
import { expect, it, vi } from 'vitest'

function ground(connection: () => Promise<string>) {
  const endPage = vi.fn()
  return { endPage, changes: new UnconfirmedChanges({ connection, endPage }) }
}

it.each([
  ['is not connected', async () => 'OPENING'],
  ['hangs', () => new Promise<never>(() => {})],
  ['is gone', () => Promise.reject(new Error('the client was closed'))],
])(
  'ends a page that %s before the caller hears that a change is not confirmed',
  async (_what, connection) => {
    const { changes, endPage } = ground(connection)
    await changes.add()
    expect(endPage).toHaveBeenCalledOnce()
  },
)

it('leaves a page alone that is connected and slow, until it loses its connection', async () => {
  const { changes, endPage } = ground(async () => 'CONNECTED')
  changes.disconnected()
  await changes.add()
  await changes.add()
  expect(endPage).not.toHaveBeenCalled()
  changes.disconnected()
  expect(endPage).toHaveBeenCalledOnce()
})

it('leaves a page alone that was loaded anew, as what it held is gone', async () => {
  const { changes, endPage } = ground(async () => 'CONNECTED')
  await changes.add()
  changes.reloaded()
  changes.disconnected()
  expect(endPage).not.toHaveBeenCalled()
})
