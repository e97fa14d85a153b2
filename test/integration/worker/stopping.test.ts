import { existsSync } from 'node:fs'
import { keys } from '@wsg/shared/redis/keys.ts'
import { deleteSession, stopSession } from '@wsg/shared/redis/session/desired-state.ts'
import { describe, expect } from 'vitest'
import type { FakeWhatsAppClient } from '../../support/fake-whatsapp-client.ts'
import { overload } from '../../support/overload.ts'
import { stopwatch } from '../../support/stopwatch.ts'
import { waitFor } from '../../support/wait-for.ts'
import { workerTest } from './worker-test.ts'

const it = workerTest.extend('expectNoTrace', ({ rig }) => async (sessionId: string): Promise<void> => {
  await waitFor('the keys to be gone', async () => (await rig.redis.exists(keys.session(sessionId))) === 0)
  expect(await rig.redis.keys(`*{${sessionId}}*`)).toEqual([])
  for (const set of [keys.sessions, keys.desired, keys.unpaired, keys.inState('ready')]) {
    const mentioned = (await rig.redis.zrange(set, '0', '-1')).map((entry) => entry.split('/')[0])
    expect(mentioned).not.toContain(sessionId)
  }
  expect(existsSync(rig.profiles.pathOf(sessionId))).toBe(false)
  expect(await rig.view(sessionId)).toMatchObject({ status: 'not_found' })
})

const ANNA = '5511111111111'
const BERTA = '5511222222222'

describe('a worker that is asked to stop', () => {
  it('finishes what is in flight, closes the browser, and another worker goes on at once and in order', async ({
    rig,
  }) => {
    const first = await rig.startWorker({ script: (client) => (client.onSend = () => {}) })
    const whatsapp = await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    const ids: string[] = []
    for (let i = 0; i < 10; i++) ids.push(await rig.send('sales', i % 2 === 0 ? ANNA : BERTA, String(i)))
    await waitFor('both chats in flight', () => whatsapp.handedOver.length === 2)
    const second = await rig.startWorker()
    await waitFor('an idle worker', () => rig.redis.zcard(keys.idleWorkers))

    const stopped = first.stop()
    await waitFor('it to take nothing more', () => first.clients.length === 1)
    for (const id of ids.slice(0, 2)) whatsapp.ack(id, 'sent', first.clients[0])
    await stopped
    expect(first.deaths).toEqual([])
    expect(first.clients[0]?.state).toBe('closed')
    for (const id of ids.slice(0, 2)) expect((await rig.record('sales', id)).state).toBe('sent')

    for (const id of ids) await rig.untilState('sales', id, 'sent')
    expect(second.clients).toHaveLength(1)
    expect(whatsapp.mostOpen).toBe(1)
    expect(whatsapp.bodies(`${ANNA}@c.us`)).toEqual(['0', '2', '4', '6', '8'])
    expect(whatsapp.bodies(`${BERTA}@c.us`)).toEqual(['1', '3', '5', '7', '9'])
  })

  it('stops at once when it is idle', async ({ rig }) => {
    const { stop } = await rig.startWorker()
    await waitFor('an idle worker', () => rig.redis.zcard(keys.idleWorkers))
    const tookMs = stopwatch()
    await stop()
    expect(tookMs()).toBeLessThan(1_000 * overload())
  })

  it('leaves nothing connected to Redis', async ({ rig }) => {
    const { stop } = await rig.startWorker()
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    await stop()
    await waitFor('its connections to end', async () => {
      const clients = String(await rig.redis.client('LIST'))
      return !clients.includes('name=worker:') && !clients.includes('name=wsg:bull')
    })
  })

  it('leaves an uncaught error to the next owner as a fault, with its browser dead in the same turn', async ({
    rig,
  }) => {
    const { worker, clients } = await rig.startWorker()
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    const aborted = worker.abort(new TypeError('nobody caught this'))
    expect(clients[0]?.state).toBe('killed')
    await aborted
    expect(await rig.redis.exists(keys.lease('sales'))).toBe(0)
    expect(await rig.redis.hget(keys.session('sales'), 'failures')).toBe('1')
    await rig.startWorker()
    await rig.untilView('sales', 'ready')
  })
})

it('stops a session that nobody wants, and is idle again in the same process', async ({ rig }) => {
  const { clients, deaths } = await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  await stopSession(rig.redis, 'sales')
  await rig.untilView('sales', 'stopped', 'operator')
  await waitFor('the release', async () => (await rig.redis.exists(keys.lease('sales'))) === 0)
  expect(clients[0]?.state).toBe('closed')
  expect(await rig.redis.hget(keys.session('sales'), 'savedLogin')).toBe('1')
  await rig.wantPaired('support')
  await rig.untilView('support', 'ready')
  expect(deaths).toEqual([])
})

describe('a deleted session', () => {
  it('is logged out and leaves no trace, while its worker is idle again', async ({ rig, expectNoTrace }) => {
    const { clients, deaths } = await rig.startWorker()
    await rig.makeProfile('sales')
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    await rig.untilState('sales', await rig.send('sales', ANNA, 'sent'), 'sent')
    clients[0]?.events.emit('connection', false)
    await rig.untilView('sales', 'initializing', 'reconnecting')
    await rig.send('sales', ANNA, 'waiting')
    await rig.redis.zadd(keys.jobs('sales'), Date.now() + 60_000, 'late')
    clients[0]?.events.emit('connection', true)
    await deleteSession(rig.redis, 'sales')
    await expectNoTrace('sales')
    expect(clients[0]?.loggedOut).toBe(true)
    await rig.wantPaired('support')
    await rig.untilView('support', 'ready')
    expect(deaths).toEqual([])
  })

  it('is loaded to be logged out where a login is saved', async ({ rig, expectNoTrace }) => {
    const whatsapp = await rig.wantPaired('sales')
    await deleteSession(rig.redis, 'sales')
    const { clients } = await rig.startWorker()
    await expectNoTrace('sales')
    expect(clients[0]?.loggedOut).toBe(true)
    expect(whatsapp.account).toBeNull()
  })

  it('cancels what waits and settles what is in flight, for those who wait for it', async ({
    rig,
    expectNoTrace,
  }) => {
    const heard: string[] = []
    const subscriber = rig.redis.duplicate({ enableOfflineQueue: true })
    subscriber.on('message', (_channel: string, text: string) => heard.push(text.split(' ', 1)[0] ?? ''))
    await subscriber.subscribe(keys.wake('gateway'))
    const { clients } = await rig.startWorker({
      settings: { sendsGraceMs: 50 },
      script: (client) => (client.onSend = () => {}),
    })
    const whatsapp = await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    const flying = await rig.send('sales', ANNA, 'in flight')
    const waiting = await rig.send('sales', ANNA, 'waiting')
    await waitFor('one in flight', () => whatsapp.handedOver.length === 1)
    const states = new Map<string, string>()
    const client = clients[0] as FakeWhatsAppClient
    client.close = async () => {
      client.kill()
      states.set('waiting', (await rig.record('sales', waiting)).state)
    }
    const remove = rig.profiles.remove.bind(rig.profiles)
    rig.profiles.remove = async (sessionId) => {
      rig.profiles.remove = remove
      states.set('flying', (await rig.record('sales', flying)).state)
      await remove(sessionId)
    }
    await deleteSession(rig.redis, 'sales')
    await expectNoTrace('sales')
    subscriber.disconnect()
    expect(Object.fromEntries(states)).toEqual({ waiting: 'canceled', flying: 'unknown' })
    expect(heard).toEqual([waiting, flying])
    expect(whatsapp.bodies()).toEqual(['in flight'])
  })

  it('needs no browser where it never paired', async ({ rig, expectNoTrace }) => {
    await rig.want('sales')
    await deleteSession(rig.redis, 'sales')
    const { clients } = await rig.startWorker()
    await expectNoTrace('sales')
    expect(clients.filter(({ state }) => state === 'open')).toEqual([])
  })

  it('touches no other session', async ({ rig, expectNoTrace }) => {
    await rig.startWorker()
    await rig.startWorker()
    await rig.wantPaired('sales')
    await rig.wantPaired('sales-2')
    await rig.untilView('sales', 'ready')
    await rig.untilView('sales-2', 'ready')
    const id = await rig.send('sales-2', ANNA, 'stays')
    await rig.untilState('sales-2', id, 'sent')
    await deleteSession(rig.redis, 'sales')
    await expectNoTrace('sales')
    expect(await rig.view('sales-2')).toMatchObject({ status: 'ready' })
    expect((await rig.record('sales-2', id)).state).toBe('sent')
  })
})
