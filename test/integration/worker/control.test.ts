import { randomUUID } from 'node:crypto'
import type { ControlJobName, ControlReply } from '@wsg/shared/operations/control-jobs.ts'
import { keys, queues } from '@wsg/shared/redis/keys.ts'
import { stopSession } from '@wsg/shared/redis/session/stop-session.ts'
import { PageUnresponsive } from '@wsg/worker/src/whatsapp/client-errors.ts'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { WorkerRig } from './worker-rig.ts'

let rig: WorkerRig
beforeAll(async () => {
  rig = await WorkerRig.start()
})
afterEach(() => rig.reset())
afterAll(() => rig.close())

async function tell(
  name: ControlJobName | 'no.such',
  payload: unknown = {},
  withinMs = 20_000,
): Promise<string> {
  const correlationId = randomUUID()
  const deadline = Date.now() + withinMs
  await rig
    .queue(queues.control('sales'))
    .add(name, { name, payload, correlationId, gatewayId: 'g1', deadline }, { jobId: correlationId })
  return correlationId
}

async function replyTo(correlationId: string): Promise<ControlReply> {
  const text = await waitFor('the reply', () => rig.redis.get(keys.reply(correlationId)))
  return JSON.parse(text)
}

const ask = async (name: ControlJobName, payload: unknown = {}) => await replyTo(await tell(name, payload))

it('answers a request for a code as soon as there is one, asked before or after', async () => {
  const early = await tell('qr.get', { waitMs: 10_000 })
  await rig.startWorker()
  await rig.want('sales')
  expect(await replyTo(early)).toEqual({ ok: true, result: { qr: 'code-1' } })
  expect(await ask('qr.get', { waitMs: 10_000 })).toEqual({ ok: true, result: { qr: 'code-1' } })
})

it('answers a request for a code with none when a login, the end or the limit comes first', async () => {
  const { clients } = await rig.startWorker({ script: (client) => (client.showQr = () => {}) })
  await rig.want('sales')
  await rig.untilView('sales', 'initializing', 'starting')
  expect(await ask('qr.get', { waitMs: 50 })).toEqual({ ok: true, result: { qr: null } })

  const login = await tell('qr.get', { waitMs: 20_000 })
  await waitFor('the browser', () => clients[0]?.state === 'open')
  clients[0]?.logIn('5511000000000')
  expect(await replyTo(login)).toEqual({ ok: true, result: { qr: null } })
})

it('answers those who wait for a code when the session ends', async () => {
  await rig.startWorker({ script: (client) => (client.showQr = () => {}) })
  await rig.want('sales')
  await rig.untilView('sales', 'initializing', 'starting')
  const waiting = await tell('qr.get', { waitMs: 20_000 })
  await waitFor(
    'the job to be taken',
    async () => (await rig.queue(queues.control('sales')).getWaitingCount()) === 0,
  )
  await stopSession(rig.redis, 'sales')
  expect(await replyTo(waiting)).toEqual({ ok: true, result: { qr: null } })
})

it('wakes the gateway that waits', async () => {
  await rig.startWorker()
  await rig.wantPaired('sales')
  const subscriber = rig.redis.duplicate({ enableOfflineQueue: true })
  const woken: string[] = []
  subscriber.on('message', (_channel, key) => woken.push(key))
  await subscriber.subscribe(keys.wake('g1'))
  const id = await tell('status.probe')
  await waitFor('the wake', () => woken.includes(id))
  subscriber.disconnect()
})

it('asks the page itself how it is, and says what memory it takes', async () => {
  const { clients } = await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  await waitFor(
    'a measurement',
    async () => (await rig.redis.hget(keys.session('sales'), 'memoryMb')) === '100',
  )
  expect(await ask('status.probe')).toEqual({ ok: true, result: { connection: 'CONNECTED', memoryMb: 100 } })
  const client = clients[0]
  if (client !== undefined) client.probe = () => Promise.reject(new PageUnresponsive('hangs'))
  expect(await ask('status.probe')).toEqual({ ok: false, code: 'worker_timeout' })
})

it('gives a pairing code to a session that waits for its scan, and none to one that is logged in', async () => {
  const { clients } = await rig.startWorker()
  await rig.want('sales')
  const reply = await ask('pairing.request', { phoneNumber: '5511999887766' })
  expect(reply).toMatchObject({ ok: true, result: { code: 'ABCD1234' } })
  await rig.untilView('sales', 'waiting_qr', 'pairing_code')
  clients[0]?.logIn('5511999887766')
  await rig.untilView('sales', 'ready')
  expect(await ask('pairing.request', { phoneNumber: '5511999887766' })).toMatchObject({
    code: 'already_paired',
  })
})

it('takes a picture of the page', async () => {
  await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  const png = Buffer.from('png').toString('base64')
  expect(await ask('screenshot.take')).toEqual({ ok: true, result: { png } })
})

it('stops at once instead of at the next renewal', async () => {
  await rig.startWorker({ settings: { leaseTtlMs: 60_000 } })
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  await stopSession(rig.redis, 'sales')
  await rig.untilView('sales', 'stopped', 'operator')
})

it('restarts under a new ownership', async () => {
  const { clients, deaths } = await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  const token = await rig.redis.get(keys.lease('sales'))
  expect(await ask('session.restart')).toEqual({ ok: true, result: {} })
  await waitFor('a second browser', () => clients.length === 2)
  await rig.untilView('sales', 'ready')
  expect(await rig.redis.get(keys.lease('sales'))).not.toBe(token)
  expect(deaths).toEqual([])
})

it('drops what comes after its deadline or cannot be read, and goes on', async () => {
  const late = await tell('screenshot.take', {}, -1)
  const unknown = await tell('no.such')
  await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  expect(await ask('qr.get', { waitMs: 0 })).toEqual({ ok: true, result: { qr: null } })
  expect(await rig.redis.exists(keys.reply(late), keys.reply(unknown))).toBe(0)
  expect(await ask('pairing.request', { phoneNumber: 'x' })).toEqual({ ok: false, code: 'invalid_request' })
})

it('does many at a time', async () => {
  await rig.startWorker({ script: (client) => (client.showQr = () => {}) })
  await rig.want('sales')
  const waiting = await Promise.all(Array.from({ length: 20 }, () => tell('qr.get', { waitMs: 20_000 })))
  expect(await ask('qr.get', { waitMs: 0 })).toEqual({ ok: true, result: { qr: null } })
  expect(await rig.redis.exists(...waiting.map((id) => keys.reply(id)))).toBe(0)
})
