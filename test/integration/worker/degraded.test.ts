import { keys } from '@wsg/shared/redis/keys.ts'
import { readFleetSnapshot } from '@wsg/shared/redis/worker/fleet-snapshot.ts'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { WorkerRig } from './worker-rig.ts'

let rig: WorkerRig
beforeAll(async () => {
  rig = await WorkerRig.start()
})
afterEach(() => rig.reset())
afterAll(() => rig.close())

const SESSION = 'sales'
const stranger = (n: number) => `5521${100_000_000 + n}`
const field = (name: string) => rig.redis.hget(keys.session(SESSION), name)
const settings = { sendsGraceMs: 100, ackLimits: { severalMs: 300, oneMs: 600, replacedMs: 600_000 } }

it('says that sends stay without an ack, hands over nothing more, and ends with the first ack', async () => {
  let probes = 0
  const worker = await rig.startWorker({
    settings,
    script: (client) => {
      client.onSend = () => {}
      const probe = client.probe.bind(client)
      client.probe = async () => {
        probes += 1
        return await probe()
      }
    },
  })
  const whatsapp = await rig.wantPaired(SESSION)
  await rig.redis.zadd(keys.sessions, 1, SESSION)
  await rig.untilView(SESSION, 'ready')
  const ids: string[] = []
  for (let n = 0; n < 3; n++) ids.push(await rig.send(SESSION, stranger(n), String(n)))
  await waitFor('the state', () => field('degraded'))
  expect(Number(await field('degradedSince'))).toBeGreaterThan(Date.now() - 60_000)
  expect((await readFleetSnapshot(rig.redis)).degraded).toBe(1)
  expect(probes).toBe(1)
  const later = await rig.send(SESSION, stranger(9), 'later')
  await waitFor(
    'the job to be fetched',
    async () => (await rig.queue(`send-{${SESSION}}`).getWaitingCount()) === 0,
  )
  expect((await rig.record(SESSION, later)).state).toBe('queued')
  whatsapp.ack(ids[0] as string, 'sent', worker.clients[0])
  await waitFor('the end', async () => (await field('degraded')) === null)
  await waitFor('the next one', () => whatsapp.bodies().includes('later'))
  expect((await rig.view(SESSION)).status).toBe('ready')
  expect(await rig.history(SESSION)).toEqual(['started', 'ready', 'degraded', 'recovered'])
  expect((await readFleetSnapshot(rig.redis)).degraded).toBe(0)
})

it('gets another browser where that lasts, which risks one message until the first ack, and doubles none', async () => {
  let acks = false
  const worker = await rig.startWorker({
    settings: { ...settings, ackLimits: { severalMs: 300, oneMs: 600, replacedMs: 300 } },
    script: (client) => {
      client.onSend = ({ messageId }) => {
        if (acks) client.whatsapp.ack(messageId, 'sent', client)
      }
    },
  })
  const whatsapp = await rig.wantPaired(SESSION)
  await rig.untilView(SESSION, 'ready')
  const ids: string[] = []
  for (let n = 0; n < 30; n++) ids.push(await rig.send(SESSION, stranger(n), String(n)))
  await waitFor('the second browser to be given up', async () => (await field('unackedRestarts')) === '2')
  // Sixteen by the first, one by the second.
  expect(whatsapp.bodies().length).toBeLessThanOrEqual(18)
  acks = true
  // As the reconciler does when it is due again.
  await waitFor('the third browser', async () => {
    await rig.place(SESSION)
    return worker.clients.length === 3
  })
  await waitFor(
    'an outcome of each',
    async () => {
      const states = await Promise.all(ids.map(async (id) => (await rig.record(SESSION, id)).state))
      return states.every((state) => state === 'sent' || state === 'unknown') && states
    },
    { timeoutMs: 20_000 },
  )
  expect(new Set(whatsapp.bodies()).size).toBe(whatsapp.bodies().length)
  expect(await field('unackedRestarts')).toBeNull()
  expect(worker.deaths).toEqual([])
  expect(await rig.history(SESSION)).toEqual(expect.arrayContaining(['degraded', 'unacked']))
})
