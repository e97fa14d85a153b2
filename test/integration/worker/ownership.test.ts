import { hostname } from 'node:os'
import { keys } from '@wsg/shared/redis/keys.ts'
import { readHistory } from '@wsg/shared/redis/session/history.ts'
import { listWorkers } from '@wsg/shared/redis/worker/workers.ts'
import {
  BrowserMissing,
  ForeignWorld,
  ProfileLocked,
  ProfileNotOwned,
  WhatsAppUnreachable,
} from '@wsg/worker/src/whatsapp/client-errors.ts'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { FakeWhatsAppClient } from '../../support/fake-whatsapp-client.ts'
import { stopwatch } from '../../support/stopwatch.ts'
import { waitFor } from '../../support/wait-for.ts'
import { WorkerRig } from './worker-rig.ts'

let rig: WorkerRig
beforeAll(async () => {
  rig = await WorkerRig.start()
})
afterEach(() => rig.reset())
afterAll(() => rig.close())

const idleCount = () => rig.redis.zcard(keys.idleWorkers)

it('gives a session to one of two idle workers, and the other stays idle, which both say', async () => {
  const workers = [await rig.startWorker(), await rig.startWorker()]
  await waitFor('both to be idle', async () => (await idleCount()) === 2)
  await rig.wantPaired('sales')
  await rig.place('sales')
  await rig.untilView('sales', 'ready')
  expect(workers.flatMap(({ clients }) => clients)).toHaveLength(1)
  await waitFor('one idle worker', async () => (await idleCount()) === 1)
  const known = await waitFor('the word of the owner', async () => {
    const all = await listWorkers(rig.redis, { after: null, limit: 10 })
    return all.some(({ details }) => details?.sessionId === 'sales') && all
  })
  expect(known.map(({ details }) => details?.host)).toEqual([hostname(), hostname()])
  expect(known.map(({ details }) => details?.sessionId ?? null)).toEqual(
    expect.arrayContaining([null, 'sales']),
  )
})

it('writes what happened once where Redis took so long that it was asked again', async () => {
  const logIn = async (client: FakeWhatsAppClient, account: string) => {
    // Longer than a command may take, and shorter than until the connection is given up.
    await rig.redis.client('PAUSE', 1_800, 'WRITE')
    client.hear('ready', { account, pushName: 'Tester' })
  }
  const script = (client: FakeWhatsAppClient) => {
    client.logIn = (account) => void logIn(client, account)
  }
  const [worker] = await rig.ready({ script, settings: { leaseTtlMs: 10_000 } })
  const happened = async () => (await readHistory(rig.redis, 'sales')).map(({ event }) => event)
  expect(await happened()).toEqual(['ready', 'started'])
  await worker.stop()
  expect(await happened()).toEqual(['handed_over', 'ready', 'started'])
})

it('keeps four connections to Redis while it is idle, and three while it owns a session', async () => {
  const { workerId } = await rig.startWorker()
  const connections = async () =>
    // BullMQ names its blocking connections after the queue; the test's own have names of their own or none.
    String(await rig.redis.client('LIST'))
      .split('\n')
      .filter((line) => line.includes(`name=worker:${workerId}`) || line.includes('name=wsg:bull')).length
  await waitFor('an idle worker', async () => (await idleCount()) === 1 && (await connections()) === 4)
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  await waitFor('the placement queue to be left', async () => (await connections()) === 3)
})

it('publishes under a token that no earlier owner had', async () => {
  const first = await rig.startWorker()
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  const token = await rig.redis.get(keys.lease('sales'))
  await rig.crash(first, 'sales')
  await rig.startWorker()
  await rig.place('sales')
  await rig.untilView('sales', 'ready')
  const next = await rig.redis.get(keys.lease('sales'))
  expect(next).not.toBe(token)
  expect(Number.parseInt(String(next), 10)).toBe(Number.parseInt(String(token), 10) + 1)
})

describe('when the lease is taken away', () => {
  it('kills the browser, ends the process and writes nothing more', async () => {
    const worker = await rig.startWorker()
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    await rig.redis.set(keys.lease('sales'), 'somebody else', 'PX', 60_000)
    const before = await rig.redis.hgetall(keys.session('sales'))
    await waitFor('the end', () => worker.deaths.length > 0)
    expect(worker.deaths).toEqual(['lease_lost'])
    expect(worker.clients[0]?.state).toBe('killed')
    await worker.stop()
    expect(await rig.redis.hgetall(keys.session('sales'))).toEqual(before)
    expect(await rig.redis.get(keys.lease('sales'))).toBe('somebody else')
  })

  it('sends nothing that was still waiting', async () => {
    const worker = await rig.startWorker({ script: (client) => (client.onSend = () => {}) })
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    const first = await rig.send('sales', '5511999887766', 'first')
    await rig.send('sales', '5511999887766', 'second')
    await rig.untilState('sales', first, 'sending')
    await rig.crash(worker, 'sales')
    rig.whatsappOf('sales').ack(first, 'sent', worker.clients[0])
    await worker.stop()
    expect(rig.whatsappOf('sales').bodies()).toEqual(['first'])
  })
})

it('kills the browser before the lease can end when Redis does not answer', async () => {
  const leaseTtlMs = 5_000
  const worker = await rig.startWorker({ settings: { leaseTtlMs } })
  await rig.wantPaired('sales')
  await rig.untilView('sales', 'ready')
  let askedAt = 0
  let tookMs = stopwatch()
  // Right after a renewal, so that none comes between this answer and the pause.
  const leftMs = await waitFor('a renewal', async () => {
    askedAt = performance.now()
    tookMs = stopwatch()
    const left = await rig.redis.pttl(keys.lease('sales'))
    return left > leaseTtlMs * 0.9 && left
  })
  rig.server.pause()
  try {
    await waitFor('the end', () => worker.deaths.length > 0, { everyMs: 5 })
  } finally {
    rig.server.resume()
  }
  const [afterMs, afterRunningMs] = [performance.now() - askedAt, tookMs()]
  expect(worker.deaths).toEqual(['lease_unconfirmed'])
  expect(worker.clients[0]?.state).toBe('killed')
  expect(afterMs).toBeGreaterThan(leftMs - leaseTtlMs / 2)
  // A process that stands still can do nothing; what is in its page has a deadline of its own.
  expect(afterRunningMs).toBeLessThan(leftMs)
})

describe('after a fault', () => {
  it('releases the session, ends the process, and the next owner takes it at once without a second browser', async () => {
    const workers = [await rig.startWorker(), await rig.startWorker()]
    const whatsapp = await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    const owner = workers.find(({ clients }) => clients.length > 0)
    owner?.clients[0]?.crash()
    await waitFor('the end', () => owner?.deaths.length === 1)
    await rig.untilView('sales', 'ready')
    expect(whatsapp.mostOpen).toBe(1)
    expect(await rig.redis.hget(keys.session('sales'), 'failures')).toBe('1')
  })

  it.each(['browser_gone', 'page_crashed', 'page_unresponsive', 'conflict'] as const)(
    'says so at once after %s, while the remains of the browser are still there',
    async (kind) => {
      const gone = Promise.withResolvers<void>()
      const worker = await rig.startWorker({ script: (client) => (client.close = () => gone.promise) })
      await rig.wantPaired('sales')
      await rig.untilView('sales', 'ready')
      worker.clients[0]?.crash(kind)
      expect(await rig.untilView('sales', 'initializing', 'reconnecting')).toMatchObject({ live: true })
      expect(await rig.redis.exists(keys.lease('sales'))).toBe(1)
      expect(worker.clients[0]?.state).toBe('killed')
      gone.resolve()
      await waitFor('the end', () => worker.deaths.length > 0)
    },
  )

  it('puts the next start off, the longer the more faults there were', async () => {
    const worker = await rig.startWorker()
    await rig.wantPaired('sales', { failures: '3' })
    await rig.untilView('sales', 'ready')
    worker.clients[0]?.crash()
    await rig.untilView('sales', 'initializing', 'restarting')
    expect(await rig.restOf('sales')).toBe(4_000)
  })

  it('never gives a session up that has a login: it says that it loops, rests, and goes on', async () => {
    const worker = await rig.startWorker()
    await rig.wantPaired('sales', { failures: '20' })
    await rig.untilView('sales', 'ready')
    worker.clients[0]?.crash()
    await rig.untilView('sales', 'initializing', 'crash_loop')
    await waitFor('the end', () => worker.deaths.length > 0)
    expect(await rig.restOf('sales')).toBe(300_000)
    await rig.startWorker()
    await rig.redis.zadd(keys.desired, Date.now(), 'sales')
    await rig.place('sales')
    await rig.untilView('sales', 'ready')
  })

  it('forgets earlier faults once it has sent: the next one is the first of a row', async () => {
    const worker = await rig.startWorker()
    await rig.wantPaired('sales', { failures: '7' })
    await rig.untilState('sales', await rig.send('sales', '5511222222222', 'a'), 'sent')
    worker.clients[0]?.crash()
    await waitFor('the end', () => worker.deaths.length > 0)
    expect(await rig.redis.hget(keys.session('sales'), 'failures')).toBe('1')
    await rig.startWorker()
    await rig.untilView('sales', 'ready')
  })

  it('is not taken in by receipts of earlier messages, which come to a page that fails all the same', async () => {
    const worker = await rig.startWorker()
    await rig.wantPaired('sales', { failures: '7' })
    await rig.untilView('sales', 'ready')
    worker.clients[0]?.hear('ack', '3EB0000000000000000000', 'delivered')
    worker.clients[0]?.crash()
    await rig.untilView('sales', 'initializing', 'crash_loop')
  })

  it('gives a session up that has no login and failed eight times in a row', async () => {
    const worker = await rig.startWorker()
    await rig.want('sales', { failures: '7' })
    await rig.untilView('sales', 'waiting_qr')
    worker.clients[0]?.crash()
    await rig.untilView('sales', 'failed', 'crash_loop')
    expect(await rig.redis.zscore(keys.desired, 'sales')).toBeNull()
  })
})

describe('when the browser cannot be opened', () => {
  it('waits for the browser of a dead predecessor to let go of the profile', async () => {
    let tries = 0
    await rig.startWorker({
      script: (client) => {
        client.onOpen = async () => {
          if (++tries < 3) throw new ProfileLocked('held')
          await rig.untilView('sales', 'initializing', 'profile_in_use')
        }
      },
    })
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    expect(tries).toBe(3)
  })

  it.each([
    ['profile_not_owned', new ProfileNotOwned('not ours')],
    ['foreign_world', new ForeignWorld('sandbox')],
    ['browser_missing', new BrowserMissing('none')],
  ])('says %s, drops the session and is idle again', async (reason, error) => {
    const worker = await rig.startWorker({
      script: (client) => {
        client.onOpen = () => {
          throw error
        }
      },
    })
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'failed', reason)
    expect(await rig.redis.zscore(keys.desired, 'sales')).toBeNull()
    await waitFor('an idle worker', async () => (await idleCount()) === 1)
    expect(worker.deaths).toEqual([])
  })

  it('keeps trying an unreachable WhatsApp where a login is saved, and says so in between', async () => {
    const unreachable = (client: { onOpen: () => void }) => {
      client.onOpen = () => {
        throw new WhatsAppUnreachable('no route')
      }
    }
    await rig.startWorker({ script: unreachable })
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'initializing', 'whatsapp_unreachable')
    expect(await rig.redis.zscore(keys.desired, 'sales')).not.toBeNull()

    await rig.want('unpaired')
    await rig.untilView('unpaired', 'failed', 'whatsapp_unreachable')
    expect(await rig.redis.zscore(keys.desired, 'unpaired')).toBeNull()
  })
})
