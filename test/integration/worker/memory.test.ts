import { messageContentSchema } from '@wsg/shared/messages/kinds/message-kinds.ts'
import { readEvents } from '@wsg/shared/redis/event/read-events.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { desireSession } from '@wsg/shared/redis/session/desired-state.ts'
import { readHistory } from '@wsg/shared/redis/session/history.ts'
import { releaseDeadOwner } from '@wsg/shared/redis/session/lease.ts'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { type RigWorker, WorkerRig } from './worker-rig.ts'

const CUSTOMER = '5511999887766'

let rig: WorkerRig
beforeAll(async () => {
  rig = await WorkerRig.start()
})
afterEach(async () => {
  await rig.redis.config('SET', 'maxmemory', '0')
  await rig.reset()
})
afterAll(() => rig.close())

/** The oldest first. */
const events = async () => (await readHistory(rig.redis, 'sales')).map(({ event }) => event).reverse()
const field = (name: string) => rig.redis.hget(keys.session('sales'), name)
const untilNewOwner = (worker: RigWorker, browsers: number) =>
  waitFor('another browser', async () => {
    const { status } = await rig.view('sales')
    return worker.clients.length === browsers && status === 'ready'
  })

describe('the memory of a worker', () => {
  it('is published with its limit while it owns a session, and known of every worker', async () => {
    const worker = await rig.startWorker({ limitMb: 512 })
    await waitFor(
      'the figure',
      async () => (await rig.redis.zscore(keys.workerMemory, worker.workerId)) === '100',
    )
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    expect(await field('memoryLimitMb')).toBe('512')
    worker.memory.memoryMb = 230
    await waitFor('the new figure', async () => (await field('memoryMb')) === '230')
    await worker.stop()
    expect(await rig.redis.zcard(keys.workerMemory)).toBe(0)
    expect(await rig.redis.hmget(keys.session('sales'), 'memoryMb', 'memoryLimitMb')).toEqual([null, null])
  })

  it('is not written again and again while it hardly changes', async () => {
    const worker = await rig.startWorker({ limitMb: 512 })
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    await waitFor('the figure', async () => (await field('memoryMb')) === '100')
    worker.memory.memoryMb = 104
    await waitFor(
      'a measurement',
      async () => (await rig.redis.zscore(keys.workerMemory, worker.workerId)) === '104',
    )
    expect(await field('memoryMb')).toBe('100')
  })
})

describe('a session that is at rest', () => {
  it('lets go of memory once, and again when it has grown', async () => {
    const worker = await rig.startWorker({ limitMb: 512 })
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    const lettingsGo = () => worker.clients[0]?.lettingsGo
    await waitFor('it to let go', () => lettingsGo() === 1)
    const { measured } = worker.memory
    await waitFor('what is left to be measured', () => worker.memory.measured >= measured + 2)
    worker.memory.memoryMb = 112
    await waitFor('it to let go again', () => lettingsGo() === 2)
    expect(worker.clients).toHaveLength(1)
  })
})

describe('a browser that grew too large', () => {
  it('is replaced by the same worker once nothing is being sent, and that is no fault', async () => {
    const worker = await rig.startWorker({ limitMb: 500 })
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    await waitFor('the figure', async () => (await field('memoryMb')) === '100')
    worker.memory.memoryMb = 420
    await untilNewOwner(worker, 2)
    expect(worker.clients.map(({ state }) => state)).toEqual(['closed', 'open'])
    expect(worker.deaths).toEqual([])
    expect(await rig.redis.hmget(keys.session('sales'), 'failures', 'memoryFaults')).toEqual([null, null])
    expect(await events()).toEqual(['started', 'ready', 'recycled', 'started', 'ready'])
  })

  it('is replaced between two sends at 90 %: none is lost or doubled, and their order stays', async () => {
    const acked = Promise.withResolvers<void>()
    const worker = await rig.startWorker({
      limitMb: 500,
      script: (client) => {
        client.onSend = async ({ messageId }) => {
          if (client.whatsapp.handedOver.length === 3) await acked.promise
          client.whatsapp.ack(messageId, 'sent', client)
        }
      },
    })
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    const texts = Array.from({ length: 8 }, (_, i) => `text ${i}`)
    const ids: string[] = []
    for (const text of texts) ids.push(await rig.send('sales', CUSTOMER, text))
    await rig.untilState('sales', ids[2] as string, 'sending')
    worker.memory.memoryMb = 450
    await rig.untilView('sales', 'initializing', 'recycling')
    expect(worker.clients[0]?.state).toBe('open')
    worker.memory.memoryMb = 100
    acked.resolve()
    for (const id of ids) await rig.untilState('sales', id, 'sent')
    expect(worker.clients).toHaveLength(2)
    expect(rig.whatsappOf('sales').bodies()).toEqual(texts)
  })
})

describe('a worker that holds events for a Redis that is full', () => {
  it('closes its page before they take all its memory; they are told when there is room, and what came meanwhile is looked up', async () => {
    const worker = await rig.startWorker({ limitMb: 500 })
    const whatsapp = await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    await waitFor('the look', async () => Number(await rig.redis.hget(keys.heard('sales'), 'until')) > 0)
    const now = Math.floor(Date.now() / 1_000)
    const said = (i: number) => ({
      ...{
        id: `3A${i}`,
        key: `false_${CUSTOMER}@c.us_3A${i}`,
        body: `text ${i}`,
        type: 'chat',
        t: now + i,
        ack: 1,
      },
      ...{ fromMe: false, chat: { id: `${CUSTOMER}@c.us`, phone: `${CUSTOMER}@c.us` } },
    })
    const told = async () => {
      const logged = await readEvents(rig.redis, 'sales', { after: '0-0', limit: 1_000 })
      const messages = logged.filter(({ event }) => event === 'message')
      return messages.map(({ data, catchUp }) => [JSON.parse(data).text, catchUp])
    }
    await rig.redis.config('SET', 'maxmemory', '1mb')
    for (let i = 0; i < 150; i++) worker.clients[0]?.hear('news', { type: 'message', message: said(i) })
    worker.memory.memoryMb = 460
    await waitFor('the page to be closed', () => worker.clients[0]?.state === 'closed')
    worker.memory.memoryMb = 100
    whatsapp.missed.push(said(150))
    expect([await told(), worker.clients.length, worker.deaths]).toEqual([[], 1, []])

    await rig.redis.config('SET', 'maxmemory', '0')
    await untilNewOwner(worker, 2)
    await waitFor('them all', async () => (await told()).length === 151)
    expect(await told()).toEqual(Array.from({ length: 151 }, (_, i) => [`text ${i}`, i === 150]))
  })
})

describe('a session over its limit', () => {
  it('is killed and comes back with memory_limit in its history', async () => {
    const workers = [await rig.startWorker({ limitMb: 500 }), await rig.startWorker({ limitMb: 500 })]
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    const owner = workers.find(({ clients }) => clients.length > 0) as RigWorker
    owner.memory.memoryMb = 501
    await waitFor('the end', () => owner.deaths.length > 0)
    expect(owner.deaths).toEqual(['memory_limit'])
    expect(owner.clients[0]?.state).toBe('killed')
    await rig.untilView('sales', 'ready')
    expect((await readHistory(rig.redis, 'sales'))[2]).toMatchObject({
      event: 'memory_limit',
      detail: '501 of 500 MB',
    })
    expect(await field('memoryFaults')).toBe('1')
  })

  it('is told from a crash where the kernel killed its browser', async () => {
    const worker = await rig.startWorker({ limitMb: 500 })
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    worker.memory.killed = true
    worker.clients[0]?.crash('browser_gone')
    await waitFor('the end', () => worker.deaths.length > 0)
    expect(worker.deaths).toEqual(['memory_limit'])
  })

  it('is told from other deaths where the whole worker was killed near its limit', async () => {
    const worker = await rig.startWorker({ limitMb: 500 })
    await rig.wantPaired('sales')
    await rig.untilView('sales', 'ready')
    await waitFor('the figure', async () => (await field('memoryMb')) === '100')
    await rig.redis.hset(keys.session('sales'), 'memoryMb', '455')
    await rig.crash(worker, 'sales')
    await rig.startWorker({ limitMb: 500 })
    await rig.place('sales')
    await rig.untilView('sales', 'ready')
    expect(await events()).toEqual(['started', 'ready', 'memory_limit', 'started', 'ready'])
    expect(await rig.redis.hmget(keys.session('sales'), 'memoryFaults', 'deaths')).toEqual(['1', null])
  })

  it('again and again rests ever longer, says so, and goes on', async () => {
    const worker = await rig.startWorker({ limitMb: 500 })
    await rig.wantPaired('sales', { memoryFaults: '4', recycled: '1' })
    await rig.untilView('sales', 'ready')
    worker.memory.memoryMb = 460
    await rig.untilView('sales', 'initializing', 'memory_limit')
    expect(await rig.restOf('sales')).toBe(8_000)
    worker.memory.memoryMb = 100
    await rig.redis.zadd(keys.desired, Date.now(), 'sales')
    await rig.place('sales')
    await rig.untilView('sales', 'ready')
  })

  it('three times for one file fails that message, says so, and what is behind it goes out', async () => {
    const media = { upload: 'a'.repeat(64), mimetype: 'image/png' }
    const content = messageContentSchema.parse({ type: 'image', media })
    const uploads: string[] = []
    const start = async () => {
      const worker = await rig.startWorker({
        limitMb: 500,
        script: (client) => {
          client.onMedia = async (id) => {
            uploads.push(id)
            if (id !== heavy) return
            worker.memory.memoryMb = 501
            await new Promise(() => {})
          }
          client.onSend = ({ messageId }) => client.whatsapp.ack(messageId, 'sent', client)
        },
      })
      await rig.redis.zadd(keys.desired, Date.now(), 'sales')
      await rig.place('sales')
      return worker
    }
    await rig.wantPaired('sales')
    const heavy = await rig.send('sales', CUSTOMER, '', { content })
    const behind = await rig.send('sales', CUSTOMER, '', { content })
    for (let n = 0; n < 3; n++) {
      const worker = await start()
      await waitFor('the end', () => worker.deaths.length > 0)
      await rig.untilView('sales', 'initializing')
    }
    await start()
    const failed = await rig.untilState('sales', heavy, 'failed')
    expect(failed).toMatchObject({
      reason: 'send_failed',
      detail: expect.stringContaining('3 times in a row'),
    })
    await rig.untilState('sales', behind, 'sent')
    expect(uploads).toEqual([heavy, heavy, heavy, behind])
  })

  it('is given up where it has no login, and asking for it again forgets what was', async () => {
    const worker = await rig.startWorker({ limitMb: 500 })
    await rig.want('sales', { memoryFaults: '4' })
    await rig.untilView('sales', 'waiting_qr')
    worker.memory.memoryMb = 501
    await rig.untilView('sales', 'failed', 'memory_limit')
    expect(await rig.redis.zscore(keys.desired, 'sales')).toBeNull()
    await rig.startWorker()
    await desireSession(rig.redis, { sessionId: 'sales', wish: 'create', maxUnpaired: 9 })
    expect(await rig.redis.hmget(keys.session('sales'), 'memoryFaults', 'deaths', 'recycled')).toEqual([
      null,
      null,
      null,
    ])
    await rig.place('sales')
    await rig.untilView('sales', 'waiting_qr')
  })
})

describe('a session whose owners are killed', () => {
  /** Its owner is seen dying, and the next one is offered it. */
  async function kill(owner: string): Promise<void> {
    expect(await releaseDeadOwner(rig.redis, 'sales', owner)).toBe(true)
    await rig.place('sales')
  }

  it('is never given up for that as long as it gets ready in between', async () => {
    await rig.wantPaired('sales')
    for (let i = 0; i < 9; i++) {
      const worker = await rig.startWorker()
      await rig.place('sales')
      await rig.untilView('sales', 'ready')
      await kill(worker.workerId)
      await rig.untilNoticed(worker, 'sales')
    }
    await rig.startWorker()
    await rig.untilView('sales', 'ready')
    expect(await field('deaths')).toBeNull()
    expect((await readHistory(rig.redis, 'sales')).slice(0, 3)).toMatchObject([
      { event: 'ready' },
      { event: 'started' },
      { event: 'worker_died' },
    ])
  })

  it('before it is ready rests ever longer, and starts no browser meanwhile, however often', async () => {
    const worker = await rig.startWorker()
    await rig.wantPaired('sales', { deaths: '2', worker: 'dead' })
    await rig.untilView('sales', 'initializing', 'restarting')
    expect(await rig.restOf('sales')).toBe(2_000)
    expect(worker.clients).toEqual([])
    expect(worker.deaths).toEqual([])

    await rig.redis.hset(keys.session('sales'), { deaths: '7', worker: 'dead' })
    await rig.redis.zadd(keys.desired, Date.now(), 'sales')
    await rig.place('sales')
    await rig.untilView('sales', 'initializing', 'crash_loop')
    expect(worker.clients).toEqual([])
    expect(await events()).toEqual(['worker_died', 'worker_died'])
  })

  it('goes on after its rest', async () => {
    await rig.startWorker()
    await rig.wantPaired('sales', { deaths: '1', worker: 'dead' })
    await rig.untilView('sales', 'initializing', 'restarting')
    await rig.redis.zadd(keys.desired, Date.now(), 'sales')
    await rig.place('sales')
    await rig.untilView('sales', 'ready')
    expect(await field('deaths')).toBeNull()
  })

  it('is removed without another browser when that is what is asked for', async () => {
    const worker = await rig.startWorker()
    await rig.wantPaired('sales', { deaths: '3', worker: 'dead', deleting: '1' })
    await waitFor(
      'the removal',
      async () => (await rig.redis.exists(keys.session('sales'), keys.history('sales'))) === 0,
    )
    expect(worker.clients).toEqual([])
  })
})
