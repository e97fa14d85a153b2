import { existsSync } from 'node:fs'
import { redisTime } from '@wsg/shared/redis/connection/server.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { expect, vi } from 'vitest'
import type { FakeWhatsAppClient } from '../../support/fake-whatsapp-client.ts'
import { waitFor } from '../../support/wait-for.ts'
import { workerTest as it } from './worker-test.ts'

it('publishes every new code that WhatsApp shows', async ({ rig }) => {
  const { clients } = await rig.startWorker()
  await rig.want('sales')
  await rig.untilView('sales', 'waiting_qr')
  clients[0]?.showQr('code-2', 4_102_444_800_000)
  await waitFor(
    'the second code',
    async () => (await rig.redis.hget(keys.session('sales'), 'qr')) === 'code-2',
  )
  expect(Number(await rig.redis.hget(keys.session('sales'), 'qrExpiresAt'))).toBeCloseTo(
    4_102_444_800_000,
    -3,
  )
})

it.for([
  ['behind', -60_000],
  ['ahead', 60_000],
] as const)(
  'says by the clock of Redis when a code ends and an account was paired: its own may be a minute %s',
  async ([_name, byMs], { rig }) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + byMs })
    try {
      const script = (client: FakeWhatsAppClient) => {
        client.showQr = () => client.hear('qr', 'code-1', Date.now() + 50_000)
      }
      const { clients } = await rig.startWorker({ script })
      await rig.want('sales')
      await rig.untilView('sales', 'waiting_qr')
      const endsInMs =
        Number(await rig.redis.hget(keys.session('sales'), 'qrExpiresAt')) - (await redisTime(rig.redis))
      expect(endsInMs).toBeGreaterThan(0)
      expect(endsInMs).toBeLessThanOrEqual(50_000)
      clients[0]?.logIn('5511000000000')
      await rig.untilView('sales', 'ready')
      const pairedMsAgo =
        (await redisTime(rig.redis)) - Number(await rig.redis.hget(keys.session('sales'), 'pairedAt'))
      expect(Math.abs(pairedMsAgo)).toBeLessThan(50_000)
    } finally {
      vi.useRealTimers()
    }
  },
)

it('frees its worker when a code is not scanned in time, and leaves no profile behind', async ({ rig }) => {
  await rig.startWorker({ settings: { qrTimeoutMs: 100 } })
  await rig.makeProfile('sales')
  await rig.want('sales')
  await rig.untilView('sales', 'failed', 'qr_expired')
  expect(await rig.redis.zscore(keys.desired, 'sales')).toBeNull()
  expect(await rig.redis.zscore(keys.unpaired, 'sales')).toBeNull()
  expect(await rig.redis.hexists(keys.session('sales'), 'qr')).toBe(0)
  expect(existsSync(rig.profiles.pathOf('sales'))).toBe(false)

  await rig.wantPaired('support')
  await rig.untilView('support', 'ready')
})

it('does not call a scanned code expired', async ({ rig }) => {
  const { clients } = await rig.startWorker({
    settings: { qrTimeoutMs: 1_000 },
    script: ({ events }) => void events.once('qr', () => setImmediate(() => events.emit('authenticated'))),
  })
  await rig.want('sales')
  await rig.untilView('sales', 'initializing', 'syncing')
  await waitFor('the limit to pass', () => new Promise((resolve) => setTimeout(() => resolve(true), 1_100)))
  clients[0]?.logIn('5511000000000')
  await rig.untilView('sales', 'ready')
})

it('says logged_out, removes the profile and keeps the messages when the phone unlinks the device', async ({
  rig,
}) => {
  const { clients, deaths } = await rig.startWorker({ script: (client) => (client.onSend = () => {}) })
  await rig.makeProfile('sales')
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  await rig.untilState('sales', await rig.send('sales', '5511999887766', 'in flight'), 'sending')
  const waiting = await rig.send('sales', '5511999887766', 'waiting')
  clients[0]?.unlink()
  await rig.untilView('sales', 'failed', 'logged_out')
  expect(await rig.redis.hexists(keys.session('sales'), 'savedLogin')).toBe(0)
  expect(await rig.redis.zscore(keys.desired, 'sales')).toBeNull()
  expect(existsSync(rig.profiles.pathOf('sales'))).toBe(false)
  expect((await rig.record('sales', waiting)).state).toBe('queued')
  expect(deaths).toEqual([])
})

it('fails what was accepted for another account than the one that is paired now', async ({ rig }) => {
  const { clients } = await rig.startWorker()
  await rig.want('sales')
  await rig.untilView('sales', 'waiting_qr')
  const old = await rig.send('sales', '5511999887766', 'from the old one', { account: '5511000000000' })
  clients[0]?.logIn('5511222222222')
  await rig.untilView('sales', 'ready')
  expect(await rig.untilState('sales', old, 'failed')).toMatchObject({ reason: 'account_changed' })
  const own = await rig.send('sales', '5511999887766', 'from the new one', { account: '5511222222222' })
  await rig.untilState('sales', own, 'sent')
  expect(rig.whatsappOf('sales').bodies()).toEqual(['from the new one'])
})

it('shows a lost connection as reconnecting, sends nothing meanwhile, and goes on by itself', async ({
  rig,
}) => {
  const { clients } = await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  clients[0]?.events.emit('connection', false)
  await rig.untilView('sales', 'initializing', 'reconnecting')
  const id = await rig.send('sales', '5511999887766', 'later')
  expect(rig.whatsappOf('sales').bodies()).toEqual([])
  clients[0]?.events.emit('connection', true)
  await rig.untilView('sales', 'ready')
  await rig.untilState('sales', id, 'sent')
})
