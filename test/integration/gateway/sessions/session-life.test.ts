import { keys, QUEUE_PREFIX } from '@wsg/shared/redis/keys.ts'
import { describe, expect } from 'vitest'
import { waitFor } from '../../../support/wait-for.ts'
import { gatewayTest } from '../gateway-test.ts'

const test = gatewayTest.extend('environment', { scope: 'file' }, { MAX_UNPAIRED: '2' }).extend(
  'isPlaced',
  ({ redis }) =>
    async (session: string) =>
      (await redis.exists(`${QUEUE_PREFIX}:placement:place-${session}`)) === 1,
)

const CODE = '2@abcdefghijklmnopqrstuvwxyz0123456789,key,key,key'
const inAMinute = () => String(Date.now() + 60_000)

describe('GET /qr', () => {
  test('creates the session, has it placed at once, and answers when there is a code', async ({
    gateway,
    own,
    isPlaced,
  }) => {
    const pending = gateway.get('/qr', 'marketing')
    await waitFor('the placement', () => isPlaced('marketing'))
    const worker = await own('marketing')
    await worker.publish('waiting_qr', 'qr_available', { qr: CODE, qrExpiresAt: inAMinute() })
    const answer = await pending
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      sessionId: 'marketing',
      status: 'waiting_qr',
      reason: 'qr_available',
      message: 'Scan this QR code with WhatsApp',
      qr: expect.stringMatching(/^data:image\/png;base64,iVBORw0KGgo/),
      code: CODE,
      expiresAt: expect.any(String),
    })
  })

  test('gives the picture or a text for terminals to who asks for it', async ({ gateway, own }) => {
    await gateway.get('/qr?wait=0', 'marketing')
    const worker = await own('marketing')
    await worker.publish('waiting_qr', 'qr_available', { qr: CODE, qrExpiresAt: inAMinute() })
    const png = await gateway.get('/qr?wait=0', 'marketing', { accept: 'image/png' })
    expect(png.headers['content-type']).toBe('image/png')
    expect(png.raw.subarray(1, 4).toString()).toBe('PNG')
    const text = await gateway.get('/qr?wait=0', 'marketing', { accept: 'text/plain' })
    expect(text.headers['content-type']).toMatch('text/plain')
    expect(text.body).toContain('▀')
    expect(text.headers['cache-control']).toBe('no-store')
  })

  test.for([
    ['logs in', 'ready', 'connected'],
    ['fails', 'failed', 'auth_failure'],
  ] as const)(
    'answers with none as soon as the session %s',
    async ([, status, reason], { gateway, own, isPlaced }) => {
      const pending = gateway.get('/qr?wait=20', 'marketing')
      await waitFor('the placement', () => isPlaced('marketing'))
      const worker = await own('marketing')
      await worker.publish(status, reason, {}, status === 'failed' ? { wish: 'drop', release: true } : {})
      expect((await pending).body).toMatchObject({ status, code: null })
    },
  )

  test('past the wait it says what it waits for', async ({ gateway }) => {
    expect((await gateway.get('/qr?wait=0.2', 'marketing')).body).toMatchObject({
      status: 'initializing',
      reason: 'waiting_for_worker',
      qr: null,
      code: null,
    })
  })

  test('a code that has run out is not shown', async ({ gateway, own }) => {
    await gateway.get('/qr?wait=0', 'marketing')
    const worker = await own('marketing')
    await worker.publish('waiting_qr', 'qr_available', { qr: CODE, qrExpiresAt: '1000' })
    expect((await gateway.get('/qr?wait=0', 'marketing')).body).toMatchObject({
      status: 'waiting_qr',
      qr: null,
    })
  })

  test('a session that is logged in answers ready and no code', async ({ gateway, ready }) => {
    await ready('shop')
    expect((await gateway.get('/qr', 'shop')).body).toMatchObject({ status: 'ready', qr: null, code: null })
  })

  test('a failed session starts afresh', async ({ gateway, ready, isPlaced }) => {
    const worker = await ready('shop')
    await worker.publish('failed', 'logged_out', { savedLogin: '' }, { wish: 'drop', release: true })
    expect((await gateway.get('/status', 'shop')).body).toMatchObject({
      status: 'failed',
      reason: 'logged_out',
    })
    expect((await gateway.get('/health')).body.sessions).toMatchObject({ failed: 1, initializing: 0 })
    expect((await gateway.get('/qr?wait=0', 'shop')).body).toMatchObject({
      status: 'initializing',
      reason: 'waiting_for_worker',
    })
    expect((await gateway.get('/health')).body.sessions).toMatchObject({ failed: 0, initializing: 1 })
    expect(await isPlaced('shop')).toBe(true)
  })

  test('unpaired sessions are capped', async ({ gateway }) => {
    await gateway.get('/qr?wait=0', 'a')
    await gateway.get('/qr?wait=0', 'b')
    const answer = await gateway.get('/qr?wait=0', 'c')
    expect(answer).toMatchObject({ status: 429, body: { code: 'too_many_unpaired' } })
    expect(answer.headers['retry-after']).toBeDefined()
    expect((await gateway.get('/status', 'c')).body.status).toBe('not_found')
    expect((await gateway.get('/qr?wait=0', 'a')).status).toBe(200)
    await gateway.post('/session/stop', 'a')
    expect((await gateway.get('/qr?wait=0', 'c')).status).toBe(200)
  })
})

describe('stop and start', () => {
  test('stop waits for the owner, keeps the login, and nobody loads it until start', async ({
    redis,
    gateway,
    ready,
    isPlaced,
  }) => {
    const worker = await ready('shop')
    const owner = worker
    const heard = await worker.hear(() =>
      owner.publish('stopped', 'operator', {}, { wish: 'drop', release: true }),
    )
    expect(await gateway.post('/session/stop', 'shop')).toMatchObject({
      status: 200,
      body: { status: 'stopped', reason: 'operator' },
    })
    expect(heard).toEqual(['desired_state'])
    expect((await gateway.get('/status', 'shop')).body).toMatchObject({
      status: 'stopped',
      reason: 'operator',
    })
    expect((await gateway.send('shop')).status).toBe(409)
    expect(await redis.zscore(keys.desired, 'shop')).toBeNull()
    expect((await gateway.post('/session/start', 'shop')).body).toMatchObject({ status: 'initializing' })
    expect(await isPlaced('shop')).toBe(true)
  })

  test('a session that waits for a worker is stopped at once', async ({ gateway }) => {
    await gateway.get('/qr?wait=0', 'new-one')
    expect(await gateway.post('/session/stop', 'new-one')).toMatchObject({
      status: 200,
      body: { status: 'stopped', reason: 'operator' },
    })
  })

  test('sessions that do not exist are neither started, stopped, restarted, logged out nor deleted', async ({
    redis,
    gateway,
  }) => {
    for (const url of ['/session/start', '/session/stop', '/session/restart', '/session/logout']) {
      expect(await gateway.post(url, 'nobody')).toMatchObject({
        status: 404,
        body: { code: 'session_not_found' },
      })
    }
    expect((await gateway.ask('DELETE', '/session', { session: 'nobody' })).status).toBe(404)
    expect(await redis.zcard(keys.sessions)).toBe(0)
  })

  test('restart asks the owner and starts what does not run', async ({ gateway, ready }) => {
    const worker = await ready('shop')
    const taken = worker.takeJobs(() => ({ ok: true, output: {} }))
    expect((await gateway.post('/session/restart', 'shop')).status).toBe(200)
    expect(taken).toEqual(['session.restart'])
    await worker.publish('failed', 'crash_loop', {}, { wish: 'drop', release: true })
    expect((await gateway.post('/session/restart', 'shop')).body).toMatchObject({ status: 'initializing' })
  })
})

describe('POST /session/logout', () => {
  test('tells the owner, lets what waits wait, takes nothing meanwhile, and answers when it is over', async ({
    redis,
    gateway,
    ready,
  }) => {
    const worker = await ready('shop')
    const heard = await worker.hear()
    const { id } = (await gateway.send('shop', {}, {}, '?wait=none')).body
    const answer = gateway.post('/session/logout', 'shop')
    await waitFor('the owner to be told', () => heard.includes('desired_state'))
    expect((await gateway.get('/status', 'shop')).body).toMatchObject({
      status: 'stopped',
      reason: 'logging_out',
    })
    expect(await gateway.get('/qr', 'shop')).toMatchObject({
      status: 409,
      body: { code: 'session_logging_out', sessionId: 'shop' },
    })
    expect((await gateway.send('shop')).body).toMatchObject({
      code: 'session_not_ready',
      reason: 'logging_out',
    })
    const fields = { stopped: 'unlinked', savedLogin: '' }
    await worker.publish('stopped', 'unlinked', fields, { wish: 'drop', release: true })
    expect(await answer).toMatchObject({
      status: 200,
      body: { sessionId: 'shop', status: 'stopped', reason: 'unlinked' },
    })
    expect((await gateway.get(`/messages/${id}`, 'shop')).body.status).toBe('queued')
    expect((await gateway.send('shop')).body.error).toBe(
      "Session 'shop' not ready. Status: stopped. Please check QR code endpoint.",
    )
    expect((await gateway.get('/qr?wait=0', 'shop')).body).toMatchObject({ status: 'initializing' })
    expect(await redis.hexists(keys.session('shop'), 'stopped')).toBe(0)
  })

  test('says that WhatsApp did not confirm it, and leaves the login where it is until it is asked again', async ({
    gateway,
    ready,
    isPlaced,
  }) => {
    const worker = await ready('shop')
    const answer = gateway.post('/session/logout', 'shop')
    await waitFor(
      'it to be under way',
      async () => (await gateway.get('/status', 'shop')).body.reason === 'logging_out',
    )
    const fields = { stopped: 'logout_unconfirmed' }
    await worker.publish('stopped', 'logout_unconfirmed', fields, { wish: 'drop', release: true })
    expect(await answer).toMatchObject({
      status: 504,
      body: { code: 'logout_not_confirmed', reason: 'logout_unconfirmed', retryable: true },
    })
    expect((await gateway.send('shop')).body).toMatchObject({ reason: 'logout_unconfirmed' })
    expect(await isPlaced('shop')).toBe(false)
    void gateway.post('/session/logout', 'shop')
    await waitFor('the placement', () => isPlaced('shop'))
    expect((await gateway.ask('DELETE', '/session', { session: 'shop' })).status).toBe(202)
  })

  test('stops one that holds no login, and says the same when it is asked again', async ({ gateway }) => {
    await gateway.get('/qr?wait=0', 'new-one')
    for (let i = 0; i < 2; i++)
      expect(await gateway.post('/session/logout', 'new-one')).toMatchObject({
        status: 200,
        body: { status: 'stopped', reason: 'unlinked' },
      })
  })
})

describe('DELETE /session', () => {
  test('cancels what waits, tells the owner, and answers 202 until it is gone', async ({
    redis,
    gateway,
    ready,
  }) => {
    const worker = await ready('shop')
    const { id } = (await gateway.send('shop', {}, {}, '?wait=none')).body
    const waiting = gateway.send('shop')
    const heard = await worker.hear()
    await waitFor('both', async () => (await redis.zcard(keys.queued('shop'))) === 2)
    const answer = await gateway.ask('DELETE', '/session', { session: 'shop' })
    expect(answer).toMatchObject({
      status: 202,
      body: { sessionId: 'shop', status: 'stopped', reason: 'deleting' },
    })
    expect(await waiting).toMatchObject({ status: 409, body: { code: 'message_canceled' } })
    expect((await gateway.get(`/messages/${id}`, 'shop')).body.status).toBe('canceled')
    await waitFor('the owner to be told', () => heard.includes('desired_state'))
    expect(await gateway.get('/qr', 'shop')).toMatchObject({
      status: 409,
      body: { code: 'session_deleting', sessionId: 'shop', sessionStatus: 'stopped', expected: 'not_found' },
    })
    expect((await gateway.send('shop')).status).toBe(409)
    expect((await gateway.post('/session/stop', 'shop')).status).toBe(409)
    expect((await gateway.ask('DELETE', '/session', { session: 'shop' })).status).toBe(202)
  })

  test('is placed where nobody owns the session', async ({ gateway, ready, isPlaced }) => {
    const worker = await ready('shop')
    await worker.publish('stopped', 'idle', { stopped: 'idle' }, { wish: 'drop', release: true })
    expect((await gateway.ask('DELETE', '/session', { session: 'shop' })).status).toBe(202)
    expect(await isPlaced('shop')).toBe(true)
  })
})

describe('what the worker is asked for', () => {
  test('a pairing code', async ({ gateway, own, isPlaced }) => {
    const expiresAt = Date.now() + 60_000
    const pending = gateway.post('/pairing-code', 'new-one', { phoneNumber: '+55 (11) 99988-7766' })
    await waitFor('the placement', () => isPlaced('new-one'))
    const worker = await own('new-one')
    const owner = worker
    worker.takeJobs(async ({ input }) => {
      expect(input).toEqual({ phoneNumber: '5511999887766' })
      await owner.publish('waiting_qr', 'pairing_code')
      return { ok: true, output: { code: 'ABCD1234', expiresAt, replacesPrevious: true } }
    })
    expect(await pending).toMatchObject({
      status: 200,
      body: {
        sessionId: 'new-one',
        status: 'waiting_qr',
        code: 'ABCD1234',
        replacesPrevious: true,
        expiresAt: new Date(expiresAt).toISOString(),
        message: 'Enter the pairing code in WhatsApp on the phone.',
      },
    })
  })

  test('no pairing code for a session that is logged in', async ({ gateway, ready }) => {
    await ready('shop')
    expect(await gateway.post('/pairing-code', 'shop', { phoneNumber: '5511999887766' })).toMatchObject({
      status: 409,
      body: { code: 'already_paired', sessionStatus: 'ready', expected: 'waiting_qr' },
    })
  })

  test('a screenshot, of a session that runs', async ({ redis, gateway, ready }) => {
    expect((await gateway.get('/screenshot', 'shop')).status).toBe(404)
    const worker = await ready('shop')
    worker.takeJobs(() => ({ ok: true, output: { png: Buffer.from('picture').toString('base64') } }))
    const answer = await gateway.get('/screenshot', 'shop')
    expect(answer.headers['content-type']).toBe('image/png')
    expect(answer.raw.toString()).toBe('picture')
    // It is not kept once it was read.
    expect(await redis.keys(keys.reply('*'))).toEqual([])
    await worker.die()
    expect(await gateway.get('/screenshot', 'shop')).toMatchObject({
      status: 409,
      body: { sessionStatus: 'initializing' },
    })
  })

  test("a worker's error is the caller's error", async ({ gateway, ready }) => {
    const worker = await ready('shop')
    worker.takeJobs(() => ({ ok: false, code: 'worker_failed', detail: 'no page' }))
    const answer = await gateway.get('/screenshot', 'shop')
    expect(answer).toMatchObject({
      status: 502,
      body: { code: 'worker_failed', detail: 'no page', retryable: true },
    })
  })
})
