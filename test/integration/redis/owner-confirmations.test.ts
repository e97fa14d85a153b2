import { readEvents } from '@wsg/shared/redis/event/read-events.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../support/redis.ts'
import { waitFor } from '../../support/wait-for.ts'
import { WorkerRig } from '../worker/worker-rig.ts'

/** Far longer than any of these tests takes, so that a lease that is not confirmed does not end the ownership. */
const LONG_LEASE = { leaseTtlMs: 60_000 }
const NUMBER = '5511999887766'

let rig: WorkerRig
let replica: RedisServer

beforeAll(async () => {
  rig = await WorkerRig.start()
  replica = await startRedis([
    ...['--replicaof', '127.0.0.1', String(rig.server.port)],
    ...['--repl-diskless-load', 'on-empty-db'],
  ])
  await rig.redis.config('SET', 'repl-diskless-sync-delay', '0')
  await waitFor('the replica', async () => (await rig.redis.wait(1, 100)) === 1, { timeoutMs: 30_000 })
})
afterEach(async () => {
  replica.resume()
  await rig.reset()
})
afterAll(async () => {
  await rig.close()
  await replica.stop()
})

/** On a busy machine a replica may confirm a lease too late; it is let go then, and placed again as gateways do. */
const untilReady = () =>
  waitFor('the session to be ready', async () => {
    if ((await rig.redis.exists(keys.lease('sales'))) === 0) await rig.place('sales')
    return (await rig.view('sales')).status === 'ready'
  })

test('a message whose intent replicas do not confirm is not sent, and goes out once when they do', async () => {
  const whatsapp = await rig.wantPaired('sales')
  await rig.startWorker({ settings: LONG_LEASE, minReplicas: 1 })
  await untilReady()
  replica.pause()
  const id = await rig.send('sales', NUMBER, 'Hello')
  await rig.untilState('sales', id, 'sending')
  await rig.untilState('sales', id, 'queued')
  expect(whatsapp.bodies()).toEqual([])
  replica.resume()
  await rig.untilState('sales', id, 'sent')
  expect(whatsapp.bodies()).toEqual(['Hello'])
})

test('what waits for a confirmation when its owner stops is sent by the next one, and is never unknown', async () => {
  const whatsapp = await rig.wantPaired('sales')
  const settings = { ...LONG_LEASE, sendsGraceMs: 100 }
  const first = await rig.startWorker({ settings, minReplicas: 1 })
  await untilReady()
  replica.pause()
  const id = await rig.send('sales', NUMBER, 'Hello')
  await rig.untilState('sales', id, 'sending')
  await first.stop()
  replica.resume()
  await rig.startWorker({ settings: LONG_LEASE, minReplicas: 1 })
  await rig.place('sales')
  await rig.untilState('sales', id, 'sent')
  expect(whatsapp.bodies()).toEqual(['Hello'])
})

test('the outcome is written until replicas have it', async () => {
  const whatsapp = await rig.wantPaired('sales')
  const { clients } = await rig.startWorker({ settings: LONG_LEASE, minReplicas: 1 })
  await untilReady()
  const [client] = clients
  if (client === undefined) throw new Error('there is no client')
  client.onSend = () => {}
  const first = await rig.send('sales', NUMBER, 'first')
  const second = await rig.send('sales', NUMBER, 'second')
  await waitFor('the first to be handed over', () => whatsapp.bodies().length === 1)
  replica.pause()
  whatsapp.ack(first, 'sent', client)
  await rig.untilState('sales', first, 'sent')
  client.onSend = (text) => whatsapp.ack(text.messageId, 'sent', client)
  replica.resume()
  await rig.untilState('sales', second, 'sent')
  expect(whatsapp.bodies()).toEqual(['first', 'second'])
})

test('a message is not sent again before replicas have it that it is', async () => {
  const whatsapp = await rig.wantPaired('sales')
  const first = await rig.startWorker({
    settings: LONG_LEASE,
    script: (client) => (client.onSend = () => {}),
  })
  await untilReady()
  const id = await rig.send('sales', NUMBER, 'Hello')
  await waitFor('it to be handed over', () => whatsapp.bodies().length === 1)
  await rig.crash(first, 'sales')
  await first.stop()
  await rig.startWorker({
    settings: { ...LONG_LEASE, resendAfterCrash: 'same-id' },
    minReplicas: 1,
    script: (client) => {
      const stock = client.findOutcome.bind(client)
      client.findOutcome = async (...asked) => {
        replica.pause()
        return await stock(...asked)
      }
    },
  })
  await untilReady()
  const key = keys.message('sales', id)
  await waitFor('the note', () => rig.redis.hexists(key, 'resentAt'))
  // As a failover does.
  await rig.redis.hdel(key, 'resentAt')
  await waitFor('it to be written again', () => rig.redis.hexists(key, 'resentAt'))
  expect(whatsapp.bodies()).toEqual(['Hello'])
  replica.resume()
  await rig.untilState('sales', id, 'sent')
  expect(whatsapp.bodies()).toEqual(['Hello', 'Hello'])
})

test('what was heard is written until replicas have it, so that a failover does not lose it', async () => {
  await rig.wantPaired('sales')
  const { clients } = await rig.startWorker({ settings: LONG_LEASE, minReplicas: 1 })
  await untilReady()
  await waitFor('the look', async () => Number(await rig.redis.hget(keys.heard('sales'), 'until')) > 0)
  const heard = async () => {
    const events = await readEvents(rig.redis, 'sales', { after: '0-0', limit: 100 })
    return events.filter(({ event }) => event === 'message').length
  }
  replica.pause()
  const chat = { id: `${NUMBER}@c.us`, phone: `${NUMBER}@c.us` }
  const message = { id: '3A1', key: `false_${NUMBER}@c.us_3A1`, body: 'Oi', type: 'chat', chat }
  clients[0]?.hear('news', {
    type: 'message',
    message: { ...message, t: Math.floor(Date.now() / 1_000), ack: 1, fromMe: false },
  })
  await waitFor('it to be written', async () => (await heard()) === 1)
  // As a failover does.
  await rig.redis.del(keys.events('sales'), keys.eventIds('sales'))
  await waitFor('it to be written again', async () => (await heard()) === 1)
  replica.resume()
  await waitFor('the replica', async () => (await rig.redis.wait(1, 100)) === 1)
  expect(await heard()).toBe(1)
})

test('a lease that replicas do not confirm is let go again, and taken when they do', async () => {
  await rig.wantPaired('sales')
  replica.pause()
  const worker = await rig.startWorker({ settings: LONG_LEASE, minReplicas: 1 })
  // Each lease that is taken counts one up: it is held for a moment only.
  await waitFor('the lease to be taken', () => rig.redis.hget(keys.session('sales'), 'epoch'))
  await waitFor('the lease to be let go', async () => (await rig.redis.exists(keys.lease('sales'))) === 0)
  expect(worker.clients).toEqual([])
  replica.resume()
  await untilReady()
  expect(worker.deaths).toEqual([])
})

test('an owner whose renewals replicas do not confirm ends before the lease can', async () => {
  await rig.wantPaired('sales')
  const worker = await rig.startWorker({ settings: { leaseTtlMs: 5_000 }, minReplicas: 1 })
  await untilReady()
  replica.pause()
  await waitFor('the owner to end', () => worker.deaths.length > 0)
  expect(worker.deaths).toEqual(['lease_unconfirmed'])
  expect(worker.clients.map(({ state }) => state)).toEqual(['killed'])
})
