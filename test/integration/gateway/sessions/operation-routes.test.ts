import type { Job, Reply } from '@wsg/shared/operations/job.ts'
import { operations } from '@wsg/shared/operations/operations.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { describe, expect } from 'vitest'
import { sha256 } from '../../../support/sha256.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { gatewayTest } from '../gateway-test.ts'

const test = gatewayTest
  .extend(
    'environment',
    { scope: 'file' },
    {
      API_TOKENS: JSON.stringify([
        { name: 'screen', sha256: sha256('viewer-token'), role: 'viewer' },
        { name: 'shop', sha256: sha256('sender-token'), role: 'sender' },
      ]),
    },
  )
  .extend(
    'ask',
    ({ gateway }) =>
      (method: string, url: string, token = 'sender-token', body?: unknown) =>
        gateway.ask(method, url, { session: 'shop', token, ...(body !== undefined && { body }) }),
  )
  .extend(
    'isDesired',
    ({ redis }) =>
      async () =>
        (await redis.zscore(keys.desired, 'shop')) !== null,
  )
  /** A login that is saved, and that nobody runs. */
  .extend(
    'saveLogin',
    ({ redis }) =>
      () =>
        redis.hset(keys.session('shop'), { createdAt: '1', savedLogin: '1', stopped: 'idle' }),
  )

const exampleOf = ({ name }: Job): Reply => ({ ok: true, output: operations[name].example.output })

describe('the request of an operation', () => {
  test('gives its worker what it means, whatever part it is in, and its caller what the worker answers', async ({
    ready,
    ask,
  }) => {
    const worker = await ready('shop')
    const inputs: unknown[] = []
    worker.takeJobs((job) => {
      inputs.push([job.name, job.input])
      return exampleOf(job)
    })
    const typing = await ask('POST', '/chats/+55%2011%2099988-7766/typing', 'sender-token', {
      state: 'typing',
    })
    expect([typing.status, typing.body]).toEqual([200, operations['chat.typing'].example.output])
    expect((await ask('DELETE', '/chats/163971247583412%40LID/archive')).status).toBe(200)
    expect((await ask('GET', '/numbers/whatsapp:00551199988-7766')).body).toEqual(
      operations['number.check'].example.output,
    )
    expect(inputs).toEqual([
      ['chat.typing', { chatId: '5511999887766', state: 'typing' }],
      ['chat.unarchive', { chatId: '163971247583412@lid' }],
      ['number.check', { phone: '551199988' + '7766' }],
    ])
  })

  test('is refused by the name of what is wrong, and asks nobody', async ({ ready, ask }) => {
    const worker = await ready('shop')
    const taken = worker.takeJobs(exampleOf)
    for (const [method, url, body, named] of [
      ['GET', '/chats/Maria', undefined, 'chatId: must be a phone number'],
      ['GET', '/numbers/011987650001', undefined, 'phone: must be a phone number'],
      ['POST', '/chats/5511999887766/typing', {}, 'state'],
      ['POST', '/chats/5511999887766/typing', { state: 'typing', chatId: '1' }, 'chatId'],
      ['PUT', '/chats/5511999887766/archive', { archived: false }, 'archived'],
    ] as const) {
      const answer = await ask(method, url, 'sender-token', body)
      expect([url, answer.status, answer.body.code]).toEqual([url, 400, 'invalid_request'])
      expect(answer.body.error).toContain(named)
    }
    expect(taken).toEqual([])
  })

  test('is for the role that the table says', async ({ ready, ask }) => {
    const worker = await ready('shop')
    worker.takeJobs(exampleOf)
    expect((await ask('GET', '/chats/5511999887766', 'viewer-token')).status).toBe(200)
    expect((await ask('PUT', '/chats/5511999887766/archive', 'viewer-token')).body.code).toBe('forbidden')
    expect((await ask('GET', '/numbers/5511999887766', 'viewer-token')).body.code).toBe('forbidden')
  })

  test.for([
    ['chat_not_found', 404],
    ['too_many_number_checks', 429],
    ['too_many_reads', 429],
    ['not_available_in_this_page', 501],
    ['worker_failed', 502],
    ['worker_timeout', 504],
    ['not_confirmed', 504],
  ] as const)('tells its caller that the worker said %s', async ([code, status], { ready, ask }) => {
    const worker = await ready('shop')
    worker.takeJobs(() => ({ ok: false, code, detail: 'WAWebCmd.Cmd.archiveChat' }))
    expect(await ask('PUT', '/chats/5511999887766/archive')).toMatchObject({
      status,
      body: { code, detail: 'WAWebCmd.Cmd.archiveChat', sessionId: 'shop' },
    })
  })
})

describe('an operation on a message', () => {
  const THEIRS = 'false_5511999887766@c.us_3A5B2C1D0E9F8A7B6C5D'

  test('takes the id that POST /send answered, and the full one of any message', async ({ ready, ask }) => {
    const worker = await ready('shop')
    worker.takeSends()
    const inputs: unknown[] = []
    worker.takeJobs((job) => {
      inputs.push(job.input)
      return exampleOf(job)
    })
    const { body } = await ask('POST', '/send', 'sender-token', { to: '5511999887766', message: 'Hello' })
    expect((await ask('PUT', `/messages/${body.id}/star`)).status).toBe(200)
    const react = { emoji: '👍🏽' }
    expect(
      await ask('PUT', `/messages/${encodeURIComponent(THEIRS)}/reaction`, 'sender-token', react),
    ).toMatchObject({ status: 200, body: { messageId: THEIRS } })
    expect(inputs).toEqual([{ id: body.messageId }, { id: THEIRS, ...react }])
  })

  test('is refused for one that is unknown, and for one that WhatsApp does not have', async ({
    ready,
    ask,
    redis,
  }) => {
    const worker = await ready('shop')
    const taken = worker.takeJobs(exampleOf)
    expect(await ask('PUT', '/messages/3EB0000000000000000001/star')).toMatchObject({
      status: 404,
      body: { code: 'message_not_found', detail: expect.stringContaining('full id') },
    })
    const { body } = await ask('POST', '/send?wait=none', 'sender-token', {
      to: '5511999887766',
      message: 'Hello',
    })
    expect(await ask('PUT', `/messages/${body.id}/star`)).toMatchObject({
      status: 409,
      body: { code: 'message_not_sent', messageStatus: 'queued', retryable: true },
    })
    const state = (to: string) => redis.hset(keys.message('shop', String(body.id)), 'state', to)
    await state('failed')
    expect((await ask('PUT', `/messages/${body.id}/star`)).body).toMatchObject({
      ...{ code: 'message_not_sent', retryable: false },
    })
    await state('unknown')
    expect((await ask('PUT', `/messages/${body.id}/star`)).status).toBe(200)
    for (const id of ['true_120363041234567890@newsletter_3EB0A', 'true_status@broadcast_3EB0A'])
      expect(await ask('PUT', `/messages/${id}/star`)).toMatchObject({
        ...{ status: 501, body: { code: 'not_supported' } },
      })
    expect(taken).toEqual(['message.star'])
  })

  test('is forwarded as a message of its own, with an id, a plan and an Idempotency-Key', async ({
    ready,
    ask,
    gateway,
    redis,
  }) => {
    const worker = await ready('shop')
    const sent = worker.takeSends()
    const path = `/messages/${encodeURIComponent(THEIRS)}/forward`
    const forward = () =>
      gateway.ask('POST', path, {
        ...{ session: 'shop', token: 'sender-token', headers: { 'idempotency-key': 'once' } },
        body: { to: '5511911111111', reference: 'order-42' },
      })
    const { status, body } = await forward()
    expect([status, body]).toMatchObject([200, { status: 'sent', reference: 'order-42' }])
    expect((await forward()).body.id).toBe(body.id)
    expect(sent).toEqual([body.id])
    const content = await redis.hget(keys.message('shop', String(body.id)), 'content')
    expect(JSON.parse(content ?? '')).toEqual({ type: 'forward', messageId: THEIRS })
    for (const [id, to, code] of [
      ['3EB0000000000000000001', '5511911111111', 'message_not_found'],
      [THEIRS, '120363041234567890@newsletter', 'not_supported'],
      [THEIRS, 'Maria', 'invalid_request'],
    ] as const)
      expect((await ask('POST', `/messages/${id}/forward`, 'sender-token', { to })).body.code).toBe(code)
    expect(sent).toHaveLength(1)
  })

  test('says what is wrong with its request', async ({ ready, ask }) => {
    const worker = await ready('shop')
    const taken = worker.takeJobs(exampleOf)
    const emoji = (text: string) => ['PUT', 'reaction', { emoji: text }, 'must be one emoji'] as const
    for (const [method, what, body, named] of [
      ...['ab', 'a', '👍👍', ' 👍'].map(emoji),
      ['PUT', 'pin', { seconds: 60 }, 'must be 86400'],
      ['POST', 'revoke', {}, 'forEveryone'],
      ['POST', 'vote', { options: 'Tea' }, 'options'],
    ] as const) {
      const answer = await ask(method, `/messages/${THEIRS}/${what}`, 'sender-token', body)
      expect([body, answer.status]).toEqual([body, 400])
      expect(answer.body.error).toContain(named)
    }
    for (const id of ['Maria!', 'true_5511999887766_3A', 'false_x@c.us_3A'])
      expect((await ask('PUT', `/messages/${encodeURIComponent(id)}/star`)).body.error).toContain(
        'must be the id of a message',
      )
    for (const emoji of ['', '❤', '❤️', '👍🏽', '👨‍👩‍👧‍👦', '🇧🇷', '1️⃣'])
      expect((await ask('PUT', `/messages/${THEIRS}/reaction`, 'sender-token', { emoji })).status).toBe(200)
    expect(taken).toHaveLength(7)
    const edit = { text: 'other' }
    expect((await ask('PATCH', `/messages/${THEIRS}`, 'viewer-token', edit)).body.code).toBe('forbidden')
  })
})

describe('a session that is not ready', () => {
  test('answers why, at once', async ({ gateway, own, ask }) => {
    expect((await ask('GET', '/chats/5511999887766')).body).toMatchObject({ code: 'session_not_found' })
    await gateway.get('/qr?wait=0', 'shop')
    expect((await ask('GET', '/chats/5511999887766')).body).toMatchObject({
      code: 'session_not_ready',
      sessionStatus: 'initializing',
    })
    const worker = await own('shop')
    await worker.publish('waiting_qr', 'qr_available')
    expect((await ask('GET', '/chats/5511999887766')).body).toMatchObject({
      code: 'session_not_ready',
      error: "Session 'shop' not ready. Status: waiting_qr. Please check QR code endpoint.",
    })
  })

  test('is loaded where its login is saved, and answers when it is there', async ({
    own,
    ask,
    isDesired,
    saveLogin,
  }) => {
    await saveLogin()
    const answer = ask('GET', '/chats/5511999887766')
    await waitFor('the session to be wanted', isDesired)
    const worker = await own('shop')
    await worker.publish('initializing', 'restoring')
    worker.takeJobs(exampleOf)
    expect((await answer).body).toEqual(operations['chat.get'].example.output)
  })

  test('ends the wait when it fails on the way', async ({ own, ask, isDesired, saveLogin }) => {
    await saveLogin()
    const answer = ask('GET', '/chats/5511999887766')
    await waitFor('the session to be wanted', isDesired)
    const worker = await own('shop')
    await worker.publish('failed', 'logged_out', { savedLogin: '' }, { wish: 'drop', release: true })
    expect((await answer).body).toMatchObject({ code: 'session_not_ready', sessionStatus: 'failed' })
  })

  test('is not loaded by who may only read', async ({ ask, isDesired, saveLogin }) => {
    await saveLogin()
    for (const url of ['/status', '/queue', '/messages', '/messages/3EB0000000000000000001'])
      await ask('GET', url, 'viewer-token')
    expect((await ask('GET', '/status', 'viewer-token')).body).toMatchObject({
      status: 'stopped',
      reason: 'idle',
    })
    expect((await ask('GET', '/chats/5511999887766', 'viewer-token')).body).toMatchObject({
      code: 'session_not_ready',
      sessionStatus: 'stopped',
    })
    expect(await isDesired()).toBe(false)
    await ask('GET', '/status')
    expect(await isDesired()).toBe(true)
  })
})
