import { keys } from '@wsg/shared/redis/keys.ts'
import { readFleetSnapshot } from '@wsg/shared/redis/worker/fleet-snapshot.ts'
import { expect } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { workerTest } from './worker-test.ts'

const it = workerTest.extend(
  'field',
  ({ rig }) =>
    (name: string) =>
      rig.redis.hget(keys.session(SESSION), name),
)

const SESSION = 'sales'
const ANNA = '5511111111111'
const stranger = (n: number) => `5521${100_000_000 + n}`

const ackLimits = { severalMs: 300, oneMs: 600, replacedMs: 600_000, replacedAloneMs: 600_000 }
const settings = { sendsGraceMs: 100, ackLimits }

it('holds up only the chat of a message without an ack, and says so until it has one', async ({
  rig,
  field,
}) => {
  const worker = await rig.startWorker({
    settings,
    script: (client) => {
      client.onSend = ({ messageId, body }) => {
        if (body !== 'stuck') client.whatsapp.ack(messageId, 'sent', client)
      }
    },
  })
  const whatsapp = await rig.wantPaired(SESSION)
  await rig.redis.zadd(keys.sessions, 1, SESSION)
  await rig.untilView(SESSION, 'ready')
  const stuck = await rig.send(SESSION, ANNA, 'stuck')
  const behind = await rig.send(SESSION, ANNA, 'behind')
  await waitFor('the state', () => field('degraded'))
  expect(Number(await field('degradedSince'))).toBeGreaterThan(Date.now() - 60_000)
  expect((await readFleetSnapshot(rig.redis)).degraded).toBe(1)
  for (let n = 0; n < 40; n++) await rig.send(SESSION, stranger(n), `other ${n}`)
  await waitFor('the others', () => whatsapp.bodies().length === 41)
  expect([(await rig.record(SESSION, stuck)).state, (await rig.record(SESSION, behind)).state]).toEqual([
    'sending',
    'queued',
  ])
  expect(await field('degraded')).toBe('unacked')
  expect(worker.clients).toHaveLength(1)
  whatsapp.ack(stuck, 'sent', worker.clients[0])
  await waitFor('the end', async () => (await field('degraded')) === null)
  await waitFor('the next one', () => whatsapp.bodies().includes('behind'))
  expect(await rig.history(SESSION)).toEqual(['started', 'ready', 'degraded', 'recovered'])
  expect((await readFleetSnapshot(rig.redis)).degraded).toBe(0)
})

it('sends to others although hundreds wait behind a message without an ack', async ({ rig }) => {
  await rig.startWorker({
    settings,
    script: (client) => {
      client.onSend = ({ messageId, chatId }) => {
        if (chatId !== `${ANNA}@c.us`) client.whatsapp.ack(messageId, 'sent', client)
      }
    },
  })
  const whatsapp = await rig.wantPaired(SESSION)
  await rig.untilView(SESSION, 'ready')
  for (let n = 0; n < 450; n++) await rig.send(SESSION, ANNA, `stuck ${n}`)
  await rig.untilState(SESSION, await rig.send(SESSION, stranger(1), 'other'), 'sent')
  expect(whatsapp.bodies()).toEqual(['stuck 0', 'other'])
})

it('hands over one after the other where none is acked, and all with the first ack', async ({
  rig,
  field,
}) => {
  const worker = await rig.startWorker({
    settings: { ...settings, ackLimits: { ...ackLimits, oneMs: 60_000 } },
    script: (client) => (client.onSend = () => {}),
  })
  const whatsapp = await rig.wantPaired(SESSION)
  await rig.untilView(SESSION, 'ready')
  const ids: string[] = []
  for (let n = 0; n < 3; n++) ids.push(await rig.send(SESSION, stranger(n), String(n)))
  await waitFor('the state', () => field('degraded'))
  const later = await rig.send(SESSION, stranger(9), 'later')
  const taken = await rig.server.watch()
  await waitFor('it to be taken up', () => taken.lines.some((line) => line.includes('unackedRestarts')))
  taken.end()
  expect((await rig.record(SESSION, later)).state).toBe('queued')
  whatsapp.ack(ids[0] as string, 'sent', worker.clients[0])
  await waitFor('the next one', () => whatsapp.bodies().includes('later'))
  expect((await rig.view(SESSION)).status).toBe('ready')
})

it('gets another browser where that lasts, which risks two messages until the first ack, and doubles none', async ({
  rig,
  field,
}) => {
  const handedOverBefore: number[] = []
  const worker = await rig.startWorker({
    settings: { ...settings, ackLimits: { ...ackLimits, replacedMs: 600 } },
    script: (client) => {
      handedOverBefore.push(client.whatsapp.bodies().length)
      const isThird = handedOverBefore.length === 3
      client.onSend = ({ messageId }) => {
        if (isThird) client.whatsapp.ack(messageId, 'sent', client)
      }
    },
  })
  const whatsapp = await rig.wantPaired(SESSION)
  await rig.untilView(SESSION, 'ready')
  const ids: string[] = []
  for (let n = 0; n < 30; n++) ids.push(await rig.send(SESSION, stranger(n), String(n)))
  // As the reconciler does when it is due again.
  await waitFor('the third browser', async () => {
    if ((await rig.redis.exists(keys.lease(SESSION))) === 0) await rig.place(SESSION)
    return worker.clients.length === 3
  })
  const [, byFirst = 0, byBoth = 0] = handedOverBefore
  expect(byFirst).toBeLessThanOrEqual(16)
  expect(byBoth - byFirst).toBeLessThanOrEqual(2)
  await waitFor(
    'an outcome of each',
    async () => {
      const states = await Promise.all(ids.map(async (id) => (await rig.record(SESSION, id)).state))
      return states.every((state) => state === 'sent' || state === 'unknown') && states
    },
    { timeoutMs: 20_000 },
  )
  expect(new Set(whatsapp.bodies()).size).toBe(whatsapp.bodies().length)
  await waitFor('the end of the doubt', async () => (await field('unackedRestarts')) === null)
  expect(worker.deaths).toEqual([])
  expect(await rig.history(SESSION)).toEqual(expect.arrayContaining(['degraded', 'unacked']))
})
