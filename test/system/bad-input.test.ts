import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Stack } from '../support/stack.ts'

describe('bad input', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await Stack.start()
  })
  afterAll(async () => {
    await stack.close()
  })

  const good = { to: '5511999887766', message: 'Hello' }

  it('is told that the session header is missing', async () => {
    for (const [path, method, body] of [
      ['/qr', 'GET'],
      ['/status', 'GET'],
      ['/send', 'POST', good],
      ['/messages/3EB0000000000000000000', 'GET'],
    ] as const) {
      const answer = await stack.api.request(path, { method, ...(body === undefined ? {} : { body }) })
      expect([path, answer.status, answer.body.error]).toEqual([path, 400, 'Missing X-Session-Id header'])
    }
  })

  it.each([
    'sales@team',
    'support team',
    'client#123',
    'x'.repeat(51),
    '../../etc/passwd',
    'a/b',
    '%2e%2e',
    'é',
  ])('is told that %j is no session id', async (session) => {
    const answer = await stack.api.get(
      '/status',
      encodeURI(session) === session ? session : session.replace(/[^\x20-\x7e]/g, '?'),
    )
    expect(answer.status).toBe(400)
    expect(answer.body.error).toMatch(/^Invalid session ID/)
  })

  it.each(['123', '-1', '__proto__', 'constructor', 'x'.repeat(50), '_', 'toString'])(
    'takes %j as the plain session id that it is',
    async (session) => {
      const status = await stack.api.get('/status', session)
      expect(status.status).toBe(200)
      expect(status.body).toMatchObject({ sessionId: session, status: 'not_found' })
      expect((await stack.api.post('/send', session, good)).status).toBe(404)
    },
  )

  it('runs sessions called 123, -1 and __proto__, apart from each other', async () => {
    for (const [session, phone] of [
      ['123', '5511911110001'],
      ['-1', '5511911110002'],
      ['__proto__', '5511911110003'],
    ] as const) {
      await stack.pair(session, phone)
      expect((await stack.api.send(session, '5511999887766', `from ${session}`)).status).toBe(200)
      expect((await stack.simulator.messages(phone)).map(({ body }) => body)).toEqual([`from ${session}`])
    }
  })

  it.each([
    ['broken JSON', '{"to": "5511999887766", "message"'],
    ['an empty body', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['no recipient', { message: 'Hello' }],
    ['no message', { to: '5511999887766' }],
    ['an empty message', { to: '5511999887766', message: '' }],
    ['a recipient that is no number', { to: 'Alice', message: 'Hello' }],
    ['a number as recipient', { to: 5511999887766, message: 'Hello' }],
    ['a text of 65,537 characters', { to: '5511999887766', message: 'x'.repeat(65_537) }],
  ])('gets 400 for %s', async (_name, body) => {
    const answer = await stack.api.post('/send', 'constructor', body)
    expect(answer.status).toBe(400)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(answer.body).toMatchObject({
      status: 400,
      code: expect.any(String),
      error: expect.any(String),
      requestId: expect.any(String),
    })
  })

  it('names the unknown field that it refuses', async () => {
    const answer = await stack.api.post('/send', 'constructor', { ...good, mesage: 'typo' })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('mesage')
  })

  it('refuses a million characters with a clear answer', async () => {
    const answer = await stack.api.post('/send', 'constructor', { ...good, message: 'x'.repeat(1_000_000) })
    expect([400, 413]).toContain(answer.status)
    expect(answer.body.error).toEqual(expect.any(String))
  })

  it('refuses a body of ten million characters without reading it all', async () => {
    const length = 10_000_000
    const asked = request(`${stack.api.address}/send`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${stack.api.token}`,
        'x-session-id': '123',
        'content-type': 'application/json',
        'content-length': length,
      },
    })
    asked.on('error', () => {}) // the gateway hangs up on what it has refused
    asked.write('x'.repeat(length / 10))
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(413)
    asked.destroy()
  })

  it('refuses a wrong token, no token and an empty one, whether or not the session exists', async () => {
    for (const token of ['wrong', '', null]) {
      for (const session of ['__proto__', 'never-heard-of']) {
        const answer = await stack.api.request('/status', { session, token })
        expect(answer.status).toBe(401)
        expect(answer.body).toMatchObject({ code: 'unauthorized' })
        expect(answer.text).not.toContain(session)
      }
    }
  })

  it('takes no token from the address', async () => {
    const answer = await stack.api.request(`/status?token=${stack.api.token}`, {
      session: '123',
      token: null,
    })
    expect(answer.status).toBe(401)
  })

  it('answers a wrong method with 405 and an unknown address with 404', async () => {
    const wrong = await stack.api.request('/send', { method: 'GET', session: '123' })
    expect(wrong.status).toBe(405)
    expect(wrong.headers.get('allow')).toContain('POST')
    expect((await stack.api.get('/nowhere', '123')).status).toBe(404)
  })

  it('answers /livez without a token', async () => {
    expect((await stack.api.request('/livez', { token: null })).status).toBe(200)
  })

  it('writes no message text, number, code or token to its log', async () => {
    await stack.api.send('123', '5511999887766', 'a secret sentence')
    expect(stack.output).not.toContain('a secret sentence')
    expect(stack.output).not.toContain('5511911110001')
    const log = stack.output.replaceAll(/^(Token: .*|export .* TOKEN=.*|.*curl.*|.*Authorization.*)$/gm, '')
    expect(log).not.toContain(stack.api.token)
  })
})
