import { existsSync } from 'node:fs'
import { keys } from '@wsg/shared/redis/keys.ts'
import { deleteSession, logOutSession, stopSession } from '@wsg/shared/redis/session/desired-state.ts'
import { pauseQueue } from '@wsg/shared/redis/session/queue-settings.ts'
import { expect } from 'vitest'
import type { FakeWhatsAppClient } from '../../support/fake-whatsapp-client.ts'
import { waitFor } from '../../support/wait-for.ts'
import { workerTest } from './worker-test.ts'

const it = workerTest.extend('savedLogin', ({ rig }) => async (): Promise<unknown[]> => {
  await waitFor('the release', async () => (await rig.redis.exists(keys.lease('sales'))) === 0)
  const saved = await rig.redis.hget(keys.session('sales'), 'savedLogin')
  return [saved, existsSync(rig.profiles.pathOf('sales'))]
})

const ANNA = '5511111111111'

it('logs out, keeps what waits and its settings, and lets another account send nothing of that', async ({
  rig,
  savedLogin,
}) => {
  const [{ clients, deaths }, whatsapp] = await rig.ready()
  await pauseQueue(rig.redis, 'sales', true)
  const waiting = await rig.send('sales', ANNA, 'from the first account')
  await logOutSession(rig.redis, 'sales')
  await rig.untilView('sales', 'stopped', 'unlinked')
  expect(await savedLogin()).toEqual([null, false])
  expect([clients[0]?.loggedOut, clients[0]?.state]).toEqual([true, 'closed'])
  expect(await rig.redis.zscore(keys.desired, 'sales')).toBeNull()
  expect((await rig.record('sales', waiting)).state).toBe('queued')
  expect(await rig.redis.hget(keys.session('sales'), 'paused')).toBe('1')

  await rig.want('sales')
  await rig.untilView('sales', 'waiting_qr')
  clients[1]?.logIn('5511222222222')
  await rig.untilView('sales', 'ready')
  await pauseQueue(rig.redis, 'sales', false)
  expect(await rig.untilState('sales', waiting, 'failed')).toMatchObject({ reason: 'account_changed' })
  expect(whatsapp.handedOver).toEqual([])
  expect(deaths).toEqual([])
})

it('waits for what is in flight, and sends what waited when the same account is back', async ({ rig }) => {
  const [{ clients }, whatsapp] = await rig.ready({ script: (client) => (client.onSend = () => {}) })
  const flying = await rig.send('sales', ANNA, 'in flight')
  const waiting = await rig.send('sales', ANNA, 'behind it')
  await waitFor('one in flight', () => whatsapp.handedOver.length === 1)
  await logOutSession(rig.redis, 'sales')
  await rig.untilView('sales', 'stopped', 'logging_out')
  expect(clients[0]?.loggedOut).toBe(false)
  whatsapp.ack(flying, 'sent', clients[0])
  await rig.untilView('sales', 'stopped', 'unlinked')
  expect((await rig.record('sales', flying)).state).toBe('sent')

  await rig.want('sales')
  await rig.untilView('sales', 'waiting_qr')
  const client = clients[1] as FakeWhatsAppClient
  client.onSend = ({ messageId }) => whatsapp.ack(messageId, 'sent', client)
  client.logIn('5511000000000')
  await rig.untilState('sales', waiting, 'sent')
  expect(whatsapp.bodies()).toEqual(['in flight', 'behind it'])
})

it('loads a saved login to log it out, and sends nothing meanwhile', async ({ rig, savedLogin }) => {
  const whatsapp = await rig.wantPaired('sales')
  await stopSession(rig.redis, 'sales')
  const waiting = await rig.send('sales', ANNA, 'waits')
  await logOutSession(rig.redis, 'sales')
  const { clients } = await rig.startWorker()
  await rig.untilView('sales', 'stopped', 'unlinked')
  expect(await savedLogin()).toEqual([null, false])
  expect(clients[0]?.loggedOut).toBe(true)
  expect(whatsapp.handedOver).toEqual([])
  expect((await rig.record('sales', waiting)).state).toBe('queued')
})

it.for<[string, (client: FakeWhatsAppClient) => void]>([
  ['has no connection', (client) => Object.assign(client, { probe: async () => 'OPENING' })],
  [
    'does not answer',
    (client) => Object.assign(client, { logout: () => Promise.reject(new Error('no answer')) }),
  ],
  [
    'cannot be loaded',
    (client) => Object.assign(client, { onOpen: () => Promise.reject(new Error('not loaded')) }),
  ],
])(
  'keeps the login where the page %s, does not load it by itself, and logs out when it is asked again',
  async ([_name, script], { rig, savedLogin }) => {
    let isBroken = true
    await rig.startWorker({ script: (client) => void (isBroken && script(client)) })
    await rig.wantPaired('sales', { stopped: 'operator' })
    await logOutSession(rig.redis, 'sales')
    await rig.untilView('sales', 'stopped', 'logout_unconfirmed')
    expect(await savedLogin()).toEqual(['1', true])
    isBroken = false
    await logOutSession(rig.redis, 'sales')
    await rig.place('sales')
    await rig.untilView('sales', 'stopped', 'unlinked')
    expect(await savedLogin()).toEqual([null, false])
  },
)

it('is gone on with by the next owner, and is over where the phone was first', async ({
  rig,
  savedLogin,
}) => {
  const first = await rig.startWorker({ script: (client) => (client.onOpen = () => new Promise(() => {})) })
  const whatsapp = await rig.wantPaired('sales')
  await logOutSession(rig.redis, 'sales')
  await waitFor('a client', () => first.clients.length)
  await rig.crash(first, 'sales')
  whatsapp.account = null
  await rig.startWorker()
  await rig.place('sales')
  await rig.untilView('sales', 'stopped', 'unlinked')
  expect(await savedLogin()).toEqual([null, false])
})

it.for(['browser', 'worker'])(
  'logs out a login whose %s died while it synced for the first time, when it is loaded again',
  async (victim, { rig, savedLogin }) => {
    const first = await rig.startWorker()
    await rig.want('sales')
    await rig.untilView('sales', 'waiting_qr')
    const client = first.clients[0] as FakeWhatsAppClient
    await rig.makeProfile('sales')
    client.whatsapp.account = '5511000000000'
    client.hear('authenticated')
    await rig.untilView('sales', 'initializing', 'syncing')
    if (victim === 'browser') client.crash()
    else await rig.crash(first, 'sales')
    expect(await savedLogin()).toEqual(['1', true])
    const { clients } = await rig.startWorker()
    await logOutSession(rig.redis, 'sales')
    await rig.place('sales')
    await rig.untilView('sales', 'stopped', 'unlinked')
    expect(await savedLogin()).toEqual([null, false])
    expect(clients.at(-1)?.loggedOut).toBe(true)
  },
)

it('closes a browser that shows a code, and needs none where there is neither owner nor login', async ({
  rig,
}) => {
  await rig.startWorker()
  await rig.want('sales')
  await rig.untilView('sales', 'waiting_qr')
  await logOutSession(rig.redis, 'sales')
  await rig.untilView('sales', 'stopped', 'unlinked')
  expect(await rig.redis.zcard(keys.unpaired)).toBe(0)
  expect(await logOutSession(rig.redis, 'sales')).toBe('logging_out')
  expect(await rig.view('sales')).toMatchObject({ status: 'stopped', reason: 'unlinked' })
})

it('gives way to the removal of the session, and to somebody who stops it', async ({ rig }) => {
  const whatsapp = await rig.wantPaired('sales')
  await logOutSession(rig.redis, 'sales')
  await stopSession(rig.redis, 'sales')
  expect(await rig.view('sales')).toMatchObject({ status: 'stopped', reason: 'operator' })
  await logOutSession(rig.redis, 'sales')
  await deleteSession(rig.redis, 'sales')
  expect(await rig.view('sales')).toMatchObject({ reason: 'deleting' })
  await rig.startWorker()
  await rig.untilView('sales', 'not_found')
  expect(whatsapp.account).toBeNull()
})
