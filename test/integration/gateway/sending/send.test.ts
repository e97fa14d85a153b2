import { keys, QUEUE_PREFIX } from '@wsg/shared/redis/keys.ts'
import { moveMessage } from '@wsg/shared/redis/message/move-message.ts'
import { toEngineFields } from '@wsg/shared/sessions/engine.ts'
import { describe, expect } from 'vitest'
import { waitFor } from '../../../support/wait-for.ts'
import { ActingWorker } from '../acting-worker.ts'
import { GatewayUnderTest } from '../gateway-under-test.ts'
import { sendTest as test } from './send-test.ts'

describe('a session that is ready', () => {
  test("answers 200 with WhatsApp's ack, the address of the record and all of the answer's members", async ({
    gateway,
    ready,
  }) => {
    const worker = await ready('shop')
    worker.takeSends()
    const answer = await gateway.send('shop', { reference: 'order-7' })
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      success: true,
      id: expect.stringMatching(/^3EB0[0-9A-F]{18}$/),
      messageId: 'true_5511999887766@c.us_X',
      sessionId: 'shop',
      to: { input: '5511999887766', chatId: '5511999887766@c.us' },
      status: 'sent',
      reference: 'order-7',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect(answer.headers.location).toBe(`/messages/${answer.body.id}`)
    expect((await gateway.get('/status', 'shop')).body).toMatchObject({ messageCount: 1 })
  })

  test('takes no message while its page lacks what sending needs, says what, and takes them again after', async ({
    gateway,
    ready,
    records,
  }) => {
    const worker = await ready('shop')
    const missing = [{ name: 'WAWebMsgKey', concerns: ['sending'] }]
    const engine = { library: 'whatsapp-web.js 1.34.7', page: '2.3000.1', missing }
    await worker.publish('ready', 'connected', toEngineFields(engine))
    const answer = await gateway.send('shop')
    expect(answer).toMatchObject({
      status: 501,
      body: {
        code: 'not_available_in_this_page',
        detail: expect.stringContaining('WAWebMsgKey'),
        sessionId: 'shop',
      },
    })
    expect(await records('shop')).toBe(0)
    expect((await gateway.get('/status', 'shop')).body.engine).toEqual(engine)
    worker.takeSends()
    await worker.publish('ready', 'connected', toEngineFields({ ...engine, missing: [] }))
    expect((await gateway.send('shop')).status).toBe(200)
    expect((await gateway.get('/status', 'shop')).body).toMatchObject({
      engine: { ...engine, missing: [] },
      lastAckAt: expect.stringMatching(/Z$/),
    })
  })

  test('a message is safe and in the send queue before 202 is answered', async ({
    redis,
    gateway,
    ready,
  }) => {
    await ready('shop')
    const answer = await gateway.send('shop', {}, {}, '?wait=none')
    expect(answer).toMatchObject({ status: 202, body: { status: 'queued', success: true } })
    const { id } = answer.body
    expect(await redis.hget(keys.message('shop', id), 'state')).toBe('queued')
    expect(await redis.zrange(keys.queued('shop'), 0, '-1')).toEqual([id])
  })

  test.for([{}, { 'idempotency-key': 'k' }] as const)(
    'a session that is ready takes a message in one round trip, %j',
    async (headers, { server, redis, gateway, ready }) => {
      await ready('shop')
      await gateway.send('shop', {}, {}, '?wait=none')
      const connections = (await redis.client('LIST')) as string
      const [, address = ''] = / addr=(\S+) .* name=gateway /.exec(connections) ?? []
      const watch = await server.watch()
      await gateway.send('shop', {}, headers, '?wait=none')
      // What it does by the clock names no session in a script, or is another command.
      const ofSend = /"get"|"zrem"|"eval(sha)?" .*"shop"/
      const seen = () => watch.lines.filter((line) => line.includes(` ${address}] `) && ofSend.test(line))
      await waitFor('it', () => seen().length > 0)
      expect(seen()).toEqual([expect.stringContaining('"evalsha"')])
      watch.end()
    },
  )

  test('answers 202 past the wait, and the address tells what became of it', async ({
    server,
    gateway,
    ready,
    onTestFinished,
  }) => {
    const worker = await ready('shop')
    const impatient = await GatewayUnderTest.start(server.url, { SEND_WAIT_MS: '200' })
    onTestFinished(() => impatient.close())
    const answer = await impatient.send('shop')
    expect(answer).toMatchObject({ status: 202, body: { status: 'queued' } })
    const [id] = worker.takeSends()
    expect(id).toBeUndefined()
    const read = await waitFor('the message to be sent', async () => {
      const record = await gateway.get(String(answer.headers.location), 'shop')
      return record.body.status === 'sent' && record
    })
    expect(read.body).toMatchObject({
      id: answer.body.id,
      message: "WhatsApp's server has it.",
      to: { input: '5511999887766', chatId: '5511999887766@c.us' },
      sentAt: expect.any(String),
    })
    expect(JSON.stringify(read.body)).not.toContain('Hello')
  })

  test('messages enter the queue in the order in which they were accepted', async ({ gateway, ready }) => {
    const worker = await ready('shop')
    const ids: string[] = []
    for (let i = 0; i < 3; i += 1) ids.push((await gateway.send('shop', {}, {}, '?wait=none')).body.id)
    const taken = worker.takeSends()
    await waitFor('all three', () => taken.length === 3)
    expect(taken).toEqual(ids)
  })

  test("?wait=delivered waits for the recipient's phone", async ({ redis, gateway, ready }) => {
    const worker = await ready('shop')
    const owner = worker
    worker.takeSends()
    const pending = gateway.send('shop', {}, {}, '?wait=delivered')
    const messageId = await waitFor('the ack of the server', async () => {
      const [key] = await redis.keys(keys.message('shop', '*'))
      return key !== undefined && (await redis.hget(key, 'state')) === 'sent' && key.split(':').at(-1)
    })
    await moveMessage(redis, {
      sessionId: 'shop',
      messageId,
      token: owner.token,
      to: 'delivered',
      retentionMs: 60_000,
    })
    expect(await pending).toMatchObject({ status: 200, body: { status: 'delivered' } })
  })

  test("a refusal of WhatsApp's server has its number and what it means, in the answer and in the record", async ({
    gateway,
    ready,
  }) => {
    const worker = await ready('shop')
    worker.takeSends('failed', { reason: 'send_failed', detail: 'its cap is reached', refusal: '475' })
    const answer = await gateway.send('shop')
    const whatsapp = { code: 475, meaning: expect.stringContaining('new chats') }
    expect(answer).toMatchObject({ status: 502, body: { code: 'send_failed', whatsapp } })
    const { body } = await gateway.get(`/messages/${answer.body.id}`, 'shop')
    expect(body).toMatchObject({ status: 'failed', error: { code: 'send_failed', whatsapp } })
  })

  test.for([
    ['failed', { reason: 'recipient_not_on_whatsapp' }, 422, 'recipient_not_on_whatsapp'],
    ['failed', { reason: 'no such code' }, 502, 'send_failed'],
    ['unknown', {}, 502, 'outcome_unknown'],
  ] as const)(
    'a message that ends as %s %j is an error with its id',
    async ([state, fields, status, code], { gateway, ready }) => {
      const worker = await ready('shop')
      worker.takeSends(state, fields)
      const answer = await gateway.send('shop')
      expect(answer).toMatchObject({ status, body: { code, sessionId: 'shop', messageStatus: state } })
      expect(answer.headers.location).toBe(`/messages/${answer.body.id}`)
      expect((await gateway.get(`/messages/${answer.body.id}`, 'shop')).body).toMatchObject({
        status: state,
        error: { code },
      })
    },
  )

  test('accepting stops at MAX_QUEUED', async ({ gateway, ready }) => {
    await ready('shop')
    for (let i = 0; i < 3; i += 1) await gateway.send('shop', {}, {}, '?wait=none')
    const answer = await gateway.send('shop', {}, {}, '?wait=none')
    expect(answer).toMatchObject({ status: 429, body: { code: 'queue_full', retryable: true } })
    expect(answer.headers['retry-after']).toBeDefined()
    expect((await gateway.get('/status', 'shop')).body.queue).toMatchObject({
      waiting: 3,
      oldestMs: expect.any(Number),
    })
  })

  test('a message whose time is over is shown as expired though no worker was there', async ({
    redis,
    gateway,
    ready,
  }) => {
    await ready('shop')
    const { id } = (await gateway.send('shop', {}, {}, '?wait=none')).body
    await redis.hset(keys.message('shop', id), 'expiresAt', '1')
    expect((await gateway.get(`/messages/${id}`, 'shop')).body).toMatchObject({
      status: 'expired',
      error: { code: 'message_expired' },
    })
  })

  test("another session's message is not found", async ({ gateway, ready }) => {
    await ready('shop')
    const { id } = (await gateway.send('shop', {}, {}, '?wait=none')).body
    await gateway.get('/qr?wait=0', 'other')
    expect(await gateway.get(`/messages/${id}`, 'other')).toMatchObject({
      status: 404,
      body: { code: 'message_not_found' },
    })
    expect(await gateway.get(`/messages/${id}`, 'nobody')).toMatchObject({
      status: 404,
      body: { code: 'session_not_found' },
    })
    expect((await gateway.get(`/messages/true_5511999887766@c.us_${id}`, 'shop')).status).toBe(200)
    expect((await gateway.get(`/messages/true_5511999887766%40c.us_${id}`, 'shop')).status).toBe(200)
  })
})

describe('people', () => {
  test('go into the record as one spelling, whatever was written', async ({ redis, gateway, ready }) => {
    await ready('shop')
    const mentions = [
      '+55 11 98765-0001',
      '5511987650001@C.US',
      'whatsapp:+5511987650001',
      '8451234567890@LID',
    ]
    const { body } = await gateway.send(
      'shop',
      { to: '\u202a+55 11 99988\u20117766\u202c', message: { type: 'text', text: 'Hello', mentions } },
      {},
      '?wait=none',
    )
    const record = await redis.hgetall(keys.message('shop', body.id))
    expect(record).toMatchObject({ to: '\u202a+55 11 99988\u20117766\u202c', recipient: '5511999887766' })
    const number = '5511987650001'
    expect(JSON.parse(record.content ?? '').mentions).toEqual([number, number, number, '8451234567890@lid'])
  })

  test.for<[{ to?: string; mentions?: string[] }, RegExp]>([
    [{ to: '011987650001' }, /^Invalid request: to: .* begins with 0, so the country code is missing\.$/],
    [{ to: 'shop@example.com' }, /^Invalid request: to: .* the character U\+0073 cannot be read\.$/],
    [{ mentions: ['5511987650001', ''] }, /^Invalid request: message\.mentions\.1: .* it is empty\.$/],
    [{ mentions: ['120363021033254949@g.us'] }, /^Invalid request: message\.mentions\.0: .* is no person\.$/],
  ])(
    '%j is refused by the name of its field before anything is accepted',
    async ([{ to, mentions }, sentence], { gateway, ready, records }) => {
      await ready('shop')
      const message = { type: 'text', text: 'Hello', mentions }
      const answer = await gateway.send('shop', { ...(to && { to }), message })
      expect(answer).toMatchObject({ status: 400, body: { error: expect.stringMatching(sentence) } })
      expect(await records('shop')).toBe(0)
    },
  )
})

test('what WhatsApp Web does not send to a channel or as status is 501 with the reason, and nothing is accepted', async ({
  gateway,
  ready,
  records,
}) => {
  await ready('shop')
  const [channel, status] = ['120363025246125486@newsletter', 'status@broadcast']
  const answers: [object, string, RegExp][] = [
    [
      { to: channel, message: { type: 'image', media: { data: 'AA==' } } },
      'not_available_in_this_page',
      /type image/,
    ],
    [{ to: status, message: { type: 'poll', question: '?', options: ['a', 'b'] } }, 'not_supported', /poll/],
    [{ to: channel, message: 'Hello', replyTo: '3EB0' }, 'not_supported', /replyTo/],
    [
      { to: status, message: { type: 'text', text: 'For you', mentions: ['5511999887766'] } },
      ...(['not_supported', /mentions/] as const),
    ],
  ]
  for (const [body, code, error] of answers) {
    const answer = { code, error: expect.stringMatching(error) }
    expect(await gateway.send('shop', body)).toMatchObject({ status: 501, body: answer })
  }
  // For one contact: what is not known is refused, and goes to nobody.
  const limited = await gateway.send('shop', { to: status, message: 'For you', contacts: ['5511999887766'] })
  expect(limited).toMatchObject({ status: 400, body: { error: expect.stringContaining('contacts') } })
  expect(await records('shop')).toBe(0)
  for (const to of [channel, status])
    expect((await gateway.send('shop', { to, message: 'Hello' }, {}, '?wait=none')).status).toBe(202)
})

describe('a session that is not ready', () => {
  test('a dead owner and a saved login: the message waits and goes out when it is back', async ({
    server,
    gateway,
    ready,
    records,
  }) => {
    const worker = await ready('shop')
    await worker.die()
    const pending = gateway.send('shop')
    await waitFor('the message', async () => (await records('shop')) === 1)
    const successor = await ActingWorker.own(server.url, 'shop')
    successor.takeSends()
    expect((await pending).status).toBe(200)
    await successor.close()
  })

  test('a saved login that nobody runs is made to run', async ({ redis, gateway }) => {
    await redis.hset(keys.session('shop'), { createdAt: '1', savedLogin: '1' })
    await redis.zadd(keys.sessions, 1, 'shop')
    expect((await gateway.send('shop', {}, {}, '?wait=none')).status).toBe(202)
    expect(await redis.zscore(keys.desired, 'shop')).not.toBeNull()
    expect(await redis.exists(`${QUEUE_PREFIX}:placement:place-shop`)).toBe(1)
  })

  test.for([
    ['waiting_qr', 'qr_available', {}],
    ['initializing', 'starting', {}],
    ['failed', 'logged_out', { wish: 'drop', release: true }],
  ] as const)(
    "%s gets the guide's sentence and leaves no record",
    async ([status, reason, more], { gateway, own, records }) => {
      await gateway.get('/qr?wait=0', 'new-one')
      const worker = await own('new-one')
      await worker.publish(status, reason, {}, more)
      const answer = await gateway.send('new-one')
      expect(answer).toMatchObject({
        status: 409,
        body: {
          error: `Session 'new-one' not ready. Status: ${status}. Please check QR code endpoint.`,
          sessionId: 'new-one',
          sessionStatus: status,
          expected: 'ready',
        },
      })
      expect(await records('new-one')).toBe(0)
    },
  )

  test('one stopped on request takes nothing, even while its owner has not heard of it', async ({
    redis,
    gateway,
    ready,
  }) => {
    await ready('shop')
    await redis.zrem(keys.desired, 'shop')
    await redis.hset(keys.session('shop'), 'stopped', 'operator')
    expect((await gateway.send('shop')).body.error).toBe(
      "Session 'shop' not ready. Status: stopped. Stopped on request. Request /session/start or /qr to go on.",
    )
  })

  test('one that does not exist is 404', async ({ gateway }) => {
    expect(await gateway.send('nobody')).toMatchObject({
      status: 404,
      body: { code: 'session_not_found', error: 'Session does not exist. Request QR code to create.' },
    })
  })
})
