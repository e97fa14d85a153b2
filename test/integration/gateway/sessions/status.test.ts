import { keys } from '@wsg/shared/redis/keys.ts'
import { describe, expect } from 'vitest'
import { overload } from '../../../support/overload.ts'
import { stopwatch } from '../../../support/stopwatch.ts'
import { ActingWorker } from '../acting-worker.ts'
import { gatewayTest } from '../gateway-test.ts'

const test = gatewayTest.extend(
  'saveLogin',
  ({ redis }) =>
    async (session: string, fields: Record<string, string> = {}) => {
      await redis.hset(keys.session(session), { createdAt: '1', savedLogin: '1', ...fields })
      await redis.zadd(keys.sessions, 1, session)
    },
)

describe('GET /status', () => {
  test("a ready session has the guide's fields and ours", async ({ gateway, ready }) => {
    const _worker = await ready('sales')
    expect((await gateway.get('/status', 'sales')).body).toEqual({
      sessionId: 'sales',
      status: 'ready',
      reason: 'connected',
      message: 'Connected and ready to send messages',
      connectedAt: expect.stringMatching(/^\d{4}-/),
      messageCount: 0,
      phone: '5511900000000',
      pushName: 'Shop',
      worker: 'acting',
      memoryMb: 180,
      updatedAt: expect.stringMatching(/^\d{4}-/),
      queue: { waiting: 0, oldestMs: null, paused: false },
      history: [],
    })
  })

  test('tells what happened to the session, the newest first', async ({ gateway, ready }) => {
    const worker = await ready('sales')
    await worker.publish('initializing', 'starting', {}, { happened: { event: 'started' } })
    await worker.publish(
      'initializing',
      'recycling',
      {},
      { happened: { event: 'recycled', detail: '470 of 512 MB' } },
    )
    const { body } = await gateway.get('/status', 'sales')
    expect(body.history).toEqual([
      {
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        event: 'recycled',
        message: expect.stringMatching(/^Its browser/),
        detail: '470 of 512 MB',
      },
      { at: expect.any(String), event: 'started', message: expect.any(String) },
    ])
    expect(Math.abs(Date.parse(body.history[0].at) - Date.now())).toBeLessThan(10_000)
  })

  test("a dead owner's ready is never shown", async ({ gateway, ready }) => {
    const worker = await ready('sales')
    await worker.die()
    const { body } = await gateway.get('/status', 'sales')
    expect(body).toMatchObject({ status: 'initializing', reason: 'reconnecting' })
    expect(body.worker).toBeUndefined()
    expect((await gateway.get('/sessions')).body.items[0]).toMatchObject({ status: 'initializing' })
  })

  test('loads a saved login that was only waiting to be named', async ({ redis, gateway, saveLogin }) => {
    await saveLogin('sales')
    expect((await gateway.get('/sessions')).body.items).toMatchObject([
      { sessionId: 'sales', status: 'stopped', reason: 'saved_login' },
    ])
    expect(await redis.zscore(keys.desired, 'sales')).toBeNull()
    expect((await gateway.get('/status', 'sales')).body.status).toBe('initializing')
    expect(await redis.zscore(keys.desired, 'sales')).not.toBeNull()
  })

  test('does not load one that was stopped on request', async ({ gateway, saveLogin }) => {
    await saveLogin('sales', { stopped: 'operator' })
    expect((await gateway.get('/status', 'sales')).body).toMatchObject({
      status: 'stopped',
      reason: 'operator',
    })
  })

  test('?live=true asks the page itself', async ({ gateway, ready }) => {
    const worker = await ready('sales')
    const taken = worker.takeJobs(() => ({ ok: true, output: { connection: 'CONNECTED', memoryMb: 201 } }))
    expect((await gateway.get('/status', 'sales')).body.connection).toBeUndefined()
    expect((await gateway.get('/status?live=true', 'sales')).body).toMatchObject({
      connection: 'CONNECTED',
      memoryMb: 201,
    })
    expect(taken).toEqual(['status.probe'])
  })

  test('a published state that is old is not believed without asking', async ({ redis, gateway, ready }) => {
    const worker = await ready('sales')
    await redis.hset(keys.session('sales'), 'updatedAt', String(Date.now() - 16_000))
    const owner = worker
    worker.takeJobs(async () => {
      await owner.publish('initializing', 'reconnecting')
      return { ok: true, output: { connection: 'TIMEOUT', memoryMb: null } }
    })
    expect((await gateway.get('/status', 'sales')).body).toMatchObject({
      status: 'initializing',
      connection: 'TIMEOUT',
    })
  })

  test('an old state that the page does not confirm is shown quickly, and marked as stale', async ({
    redis,
    gateway,
    ready,
  }) => {
    const worker = await ready('sales')
    await redis.hset(keys.session('sales'), 'updatedAt', String(Date.now() - 16_000))
    const tookMs = stopwatch()
    expect(await gateway.get('/status', 'sales')).toMatchObject({
      status: 200,
      body: { status: 'ready', stale: true, updatedAt: expect.any(String), queue: { waiting: 0 } },
    })
    expect(tookMs()).toBeLessThan(5_000 * overload())
    worker.takeJobs(() => ({ ok: true, output: { connection: 'CONNECTED', memoryMb: null } }))
    const { body } = await gateway.get('/status', 'sales')
    expect(body).toMatchObject({ status: 'ready', connection: 'CONNECTED' })
    expect(body).not.toHaveProperty('stale')
  })

  test('a full Redis, which takes no probe, still answers', async ({ redis, gateway, ready }) => {
    await ready('sales')
    await redis.hset(keys.session('sales'), 'updatedAt', String(Date.now() - 16_000))
    await redis.config('SET', 'maxmemory', '1')
    const answer = await gateway.get('/status', 'sales')
    await redis.config('SET', 'maxmemory', '0')
    expect(answer).toMatchObject({ status: 200, body: { status: 'ready', stale: true } })
  })

  test('a page that does not answer is no faked success', async ({ gateway, ready }) => {
    await ready('sales')
    const answer = await gateway.get('/status?live=true', 'sales')
    expect(answer).toMatchObject({
      status: 504,
      body: { code: 'worker_timeout', sessionId: 'sales', retryable: true },
    })
  })
})

describe('GET /health', () => {
  test('counts by what live owners say, and never below zero', async ({
    server,
    redis,
    gateway,
    ready,
    saveLogin,
  }) => {
    await ready('a')
    const waiting = await (async () => {
      await gateway.get('/qr?wait=0', 'b')
      return await ActingWorker.own(server.url, 'b')
    })()
    await waiting.publish('waiting_qr', 'qr_available')
    await gateway.get('/qr?wait=0', 'c')
    await saveLogin('d', { stopped: 'operator' })
    await redis.zadd(keys.workers, '+inf', 'w1', '+inf', 'w2', 1, 'dead')
    await redis.zadd(keys.idleWorkers, '+inf', 'w2')
    const { status, body } = await gateway.get('/health')
    expect(status).toBe(200)
    expect(body).toEqual({
      status: 'ok',
      sessions: { total: 4, ready: 1, waiting_qr: 1, initializing: 1, failed: 0 },
      uptime: expect.any(Number),
      workers: { total: 2, idle: 1 },
      redis: 'ok',
    })
    await waiting.publish('failed', 'qr_expired', {}, { wish: 'drop', release: true })
    await redis.zrem(keys.desired, 'a', 'c')
    expect((await gateway.get('/health')).body.sessions).toMatchObject({
      ready: 1,
      failed: 1,
      initializing: 0,
    })
    await waiting.close()
  })

  test('a ready whose time is over is not counted as ready', async ({ redis, gateway, ready }) => {
    await ready('a')
    await redis.zadd(keys.inState('ready'), 1, 'a')
    expect((await gateway.get('/health')).body.sessions).toMatchObject({ ready: 0, initializing: 1 })
  })
})

describe('GET /sessions', () => {
  test('gives every session once, page by page, though one of them goes in between', async ({
    redis,
    gateway,
  }) => {
    for (let i = 0; i < 25; i += 1) {
      const id = `s${String(i).padStart(2, '0')}`
      await redis.hset(keys.session(id), { createdAt: '1', savedLogin: '1' })
      await redis.zadd(keys.sessions, i < 15 ? 100 : 200 + i, id)
    }
    const seen: string[] = []
    for (let after = ''; ; ) {
      const { body } = await gateway.get(`/sessions?limit=10${after}`)
      seen.push(...body.items.map((one: { sessionId: string }) => one.sessionId))
      if (body.nextCursor === null) break
      after = `&cursor=${body.nextCursor}`
      await redis.zrem(keys.sessions, 's22')
    }
    expect(seen).toHaveLength(24)
    expect(new Set(seen).size).toBe(24)
    expect(await redis.zcard(keys.desired)).toBe(0)
  })

  test('finds the few of one status among many', async ({ redis, gateway }) => {
    for (let i = 0; i < 450; i += 1) {
      await redis.hset(keys.session(`s${i}`), {
        createdAt: '1',
        savedLogin: '1',
        ...(i % 200 === 0 && { status: 'failed', reason: 'logged_out' }),
      })
      await redis.zadd(keys.sessions, i, `s${i}`)
    }
    const first = (await gateway.get('/sessions?status=failed&limit=2')).body
    expect(first.items.map((one: { sessionId: string }) => one.sessionId)).toEqual(['s0', 's200'])
    const second = (await gateway.get(`/sessions?status=failed&limit=2&cursor=${first.nextCursor}`)).body
    expect(second.items.map((one: { sessionId: string }) => one.sessionId)).toEqual(['s400'])
    expect(second.nextCursor).toBeNull()
  })

  test('finds sessions by a part of their name, phone or account, however many others there are', async ({
    redis,
    gateway,
  }) => {
    for (let i = 0; i < 1_200; i += 1) {
      await redis.hset(keys.session(`s${i}`), {
        createdAt: '1',
        ...(i === 700 && { phone: '5511987654321' }),
        ...(i === 1_100 && { pushName: 'Café [Shop]' }),
      })
      await redis.zadd(keys.sessions, i, `s${i}`)
    }
    const found = async (search: string, more = '') => {
      const { body } = await gateway.get(`/sessions?search=${encodeURIComponent(search)}${more}`)
      return body.items.map((one: { sessionId: string }) => one.sessionId)
    }
    expect(await found('S119')).toEqual(['s119', ...Array.from({ length: 10 }, (_, i) => `s119${i}`)])
    expect(await found('+55 (11) 98765-4321')).toEqual(['s700'])
    expect(await found('fé [s')).toEqual(['s1100'])
    expect(await found('s119', '&status=ready')).toEqual([])
    expect(await found('nobody')).toEqual([])
    const first = (await gateway.get('/sessions?search=s119&limit=5')).body
    const second = (await gateway.get(`/sessions?search=s119&cursor=${first.nextCursor}`)).body
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([5, 6, null])
  })
})
