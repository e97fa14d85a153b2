import { operationList } from '@wsg/shared/operations/operations.ts'
import { describe, expect } from 'vitest'
import { sha256 } from '../../../support/sha256.ts'
import { gatewayTest } from '../gateway-test.ts'

const test = gatewayTest.extend(
  'environment',
  { scope: 'file' },
  {
    API_TOKENS: JSON.stringify([
      { name: 'screen', sha256: sha256('viewer-token'), role: 'viewer' },
      {
        name: 'shop',
        sha256: sha256('shop-token').toUpperCase(),
        role: 'sender',
        sessions: ['shop', '__proto__'],
      },
    ]),
  },
)

/** Keys of the session that only refused requests name, looked for after each test, before Redis is emptied. */
const written: string[] = []
test.afterEach(async ({ redis }) => void written.push(...(await redis.keys('*{x}*'))))

describe('tokens', () => {
  test.for([
    ['none', {}],
    ['a wrong one', { authorization: 'Bearer wrong' }],
    ['a right one in another scheme', { authorization: 'Basic token-of-the-tests' }],
    ['an empty one', { authorization: 'Bearer ' }],
    ['a wrong X-Api-Key', { 'x-api-key': 'wrong' }],
  ] as const)(
    'answers 401 to %s, whatever else is wrong with the request',
    async ([_name, headers], { gateway }) => {
      for (const [method, url] of [
        ['GET', '/status'],
        ['POST', '/send'],
        ['GET', '/health'],
        ['GET', '/messages/x'],
      ] as const) {
        const answer = await gateway.ask(method, url, {
          token: null,
          headers,
          session: 'a/b',
          ...(method === 'POST' && { body: '{' }),
        })
        expect(answer.status).toBe(401)
        expect(answer.body).toMatchObject({ code: 'unauthorized', retryable: false })
      }
    },
  )

  test('takes no token from the address', async ({ gateway }) => {
    expect((await gateway.ask('GET', '/health?token=token-of-the-tests', { token: null })).status).toBe(401)
  })

  test('takes X-Api-Key for Authorization', async ({ gateway }) => {
    const headers = { 'x-api-key': 'viewer-token' }
    expect((await gateway.ask('GET', '/health', { token: null, headers })).status).toBe(200)
    const behindProxy = { ...headers, authorization: 'Basic dXNlcjpwYXNz' }
    expect((await gateway.ask('GET', '/health', { token: null, headers: behindProxy })).status).toBe(200)
    expect((await gateway.ask('GET', '/health', { token: 'wrong', headers })).status).toBe(401)
  })

  test('a viewer reads but does not send, pair or stop', async ({ gateway }) => {
    const token = 'viewer-token'
    expect((await gateway.ask('GET', '/status', { token, session: 'x' })).status).toBe(200)
    for (const [method, url] of [
      ['POST', '/send'],
      ['GET', '/qr'],
      ['POST', '/session/stop'],
      ['DELETE', '/session'],
      ['PUT', '/session'],
    ] as const) {
      const answer = await gateway.ask(method, url, { token, session: 'x' })
      expect([url, answer.status, answer.body.code]).toEqual([url, 403, 'forbidden'])
    }
  })

  test('a token for some sessions touches, lists and counts no other', async ({ gateway }) => {
    await gateway.get('/qr?wait=0', 'shop')
    await gateway.get('/qr?wait=0', 'other')
    const token = 'shop-token'
    const forbidden = await gateway.ask('GET', '/status', { token, session: 'other' })
    expect(forbidden).toMatchObject({ status: 403, body: { code: 'session_forbidden' } })
    expect(await gateway.ask('GET', '/status', { token, session: 'unknown' })).toMatchObject({ status: 403 })
    expect((await gateway.ask('GET', '/sessions', { token })).body.items).toMatchObject([
      { sessionId: 'shop' },
    ])
    expect((await gateway.ask('GET', '/health', { token })).body.sessions).toMatchObject({
      total: 1,
      initializing: 1,
    })
    expect((await gateway.ask('GET', '/status', { token, session: '__proto__' })).status).toBe(200)
  })

  test('livez and readyz ask for none', async ({ gateway }) => {
    expect((await gateway.ask('GET', '/livez', { token: null })).status).toBe(200)
    expect((await gateway.ask('GET', '/readyz', { token: null })).status).toBe(200)
  })
})

describe('session ids', () => {
  test("a missing header gets the guide's words", async ({ gateway }) => {
    for (const [method, url] of [
      ['GET', '/qr'],
      ['POST', '/send'],
      ['GET', '/status'],
      ['POST', '/session/start'],
      ['DELETE', '/session'],
    ] as const) {
      const answer = await gateway.ask(method, url)
      expect(answer).toMatchObject({ status: 400, body: { error: 'Missing X-Session-Id header' } })
    }
  })

  test.for(['sales@team', 'support team', 'client#123', '../../etc', 'a/b', 'ä', 'x'.repeat(51), '.', '%2e'])(
    'refuses %s',
    async (session, { gateway }) => {
      const answer = await gateway.get('/status', session)
      expect(answer.status).toBe(400)
      expect(answer.body.error).toMatch(/^Invalid session ID/)
    },
  )

  test.for(['__proto__', 'constructor', '123', '-1', '0', 'x'.repeat(50), 'hasOwnProperty'])(
    'a session called %s is just a session',
    async (session, { gateway }) => {
      expect((await gateway.get('/status', session)).body).toEqual({
        sessionId: session,
        status: 'not_found',
        reason: 'unknown_session',
        message: 'Session does not exist. Request QR code to create.',
      })
      expect((await gateway.send(session)).body.error).toMatch(/^Session does not exist/)
      expect((await gateway.get('/qr?wait=0', session)).body).toMatchObject({
        sessionId: session,
        status: 'initializing',
        reason: 'waiting_for_worker',
        qr: null,
      })
      expect((await gateway.send(session)).body.error).toBe(
        `Session '${session}' not ready. Status: initializing. Please check QR code endpoint.`,
      )
    },
  )

  test('sessions that differ in case are two', async ({ gateway }) => {
    await gateway.get('/qr?wait=0', 'Sales')
    expect((await gateway.get('/status', 'sales')).body.status).toBe('not_found')
  })
})

describe('requests that are not right', () => {
  test('an unknown address is 404 with and without a token', async ({ gateway }) => {
    for (const token of [undefined, null]) {
      const answer = await gateway.ask('GET', '/nothing/here', token === null ? { token } : {})
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } })
      expect(answer.headers['content-type']).toMatch('application/problem+json')
    }
  })

  test.for([
    ['GET', '/send', 'POST'],
    ['DELETE', '/status', 'GET, HEAD'],
    ['PUT', '/messages/3EB0', 'DELETE, GET, HEAD, PATCH'],
    ['GET', '/session', 'DELETE, PUT'],
  ] as const)('%s %s is 405 and names what is allowed', async ([method, url, allow], { gateway }) => {
    const answer = await gateway.ask(method, url)
    expect(answer).toMatchObject({ status: 405, body: { code: 'method_not_allowed' }, headers: { allow } })
  })

  test('every problem has all its members, and the request id of the caller', async ({ gateway }) => {
    const answer = await gateway.ask('GET', '/status', { headers: { 'x-request-id': 'my.request-1' } })
    expect(answer.headers['content-type']).toMatch('application/problem+json')
    expect(answer.headers['x-request-id']).toBe('my.request-1')
    expect(answer.body).toEqual({
      error: 'Missing X-Session-Id header',
      type: 'urn:wsg:error:missing_session_id',
      title: 'Missing session ID',
      status: 400,
      detail: 'Missing X-Session-Id header',
      code: 'missing_session_id',
      requestId: 'my.request-1',
      retryable: false,
    })
  })

  test.for([
    ['/messages/%E0%A4%A', 'the path is not percent-encoded UTF-8'],
    ['/numbers/%ED%A0%BD', 'the path is not percent-encoded UTF-8'],
    [`/messages/${'x'.repeat(201)}`, 'the path has a part of more than 200 characters'],
  ] as const)(
    'an address that cannot be read, %s, is a problem like any other',
    async ([url, fault], { gateway }) => {
      const answer = await gateway.get(url)
      expect(answer.status).toBe(400)
      expect(answer.body).toMatchObject({
        code: 'invalid_request',
        error: `Invalid request: ${fault}.`,
        detail: `Invalid request: ${fault}.`,
      })
      expect(answer.headers['x-request-id']).toBe(answer.body.requestId)
    },
  )

  test('a request id that could harm a log is replaced', async ({ gateway }) => {
    const answer = await gateway.ask('GET', '/livez', { headers: { 'x-request-id': 'a b"c' } })
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('a body that is not JSON, or not an object, is refused clearly', async ({ gateway }) => {
    expect((await gateway.post('/send', 'x', '{"to":')).body.error).toBe(
      'Invalid request: the body is not valid JSON: column 7: a value is expected.',
    )
    expect(await gateway.post('/send', 'x', '[]')).toMatchObject({ status: 400 })
    expect(await gateway.post('/send', 'x', '')).toMatchObject({ status: 400 })
    expect(
      await gateway.post('/send', 'x', '{"to":"5511999887766","message":"a","__proto__":{}}'),
    ).toMatchObject({ status: 400 })
  })

  test.for([
    [
      '/send',
      'application/x-www-form-urlencoded',
      'Send the body as application/json or multipart/form-data.',
    ],
    ['/send', 'text/plain', 'Send the body as application/json or multipart/form-data.'],
    ['/send', 'nonsense', 'Send the body as application/json or multipart/form-data.'],
    ['/send/bulk', 'text/plain', 'Send the body as application/x-ndjson or application/json.'],
    [
      '/send',
      'application/json; charset=iso-8859-1',
      'The body has the charset iso-8859-1. Send it as plain UTF-8, without compression.',
    ],
    [
      '/send/bulk',
      'application/x-ndjson;charset="UTF-16"',
      'The body has the charset UTF-16. Send it as plain UTF-8, without compression.',
    ],
  ] as const)('%s does not take %s, and says what it takes', async ([url, type, error], { gateway }) => {
    const answer = await gateway.post(url, 'x', 'a', { 'content-type': type })
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type', error } })
  })

  test.for(['/send', '/send/bulk'])(
    '%s takes no compressed body, and UTF-8 under its names',
    async (url, { gateway }) => {
      expect(await gateway.post(url, 'x', '{}', { 'content-encoding': 'gzip' })).toMatchObject({
        status: 415,
        body: {
          error: 'The body has the content encoding gzip. Send it as plain UTF-8, without compression.',
        },
      })
      const json = { to: '5511999887766', message: 'x' }
      for (const type of ['application/json;charset=utf-8', 'application/json; charset="UTF8"'])
        expect((await gateway.post(url, 'x', json, { 'content-type': type })).body.code).toBe(
          'session_not_found',
        )
    },
  )

  test('unknown fields are refused by name', async ({ gateway }) => {
    const answer = await gateway.send('x', { mesage: 1, message: { type: 'text', text: 'a', bold: true } })
    expect(answer.status).toBe(400)
    expect(answer.body.error).toContain("unknown field 'mesage'")
    expect(answer.body.error).toContain("unknown field 'bold' in message")
    expect((await gateway.post('/session/start', 'x', { force: true })).body.error).toContain(
      "unknown field 'force'",
    )
    expect((await gateway.post('/pairing-code', 'x', { phone: '1' })).body.error).toContain(
      "unknown field 'phone'",
    )
  })

  test('every address refuses a query field that it does not know, by name', async ({ gateway }) => {
    const { paths } = (await gateway.get('/openapi.json')).body
    // What the examples of the operations have there.
    const inPaths = new Map(
      operationList.flatMap(({ example, http }) =>
        Object.entries(example.input)
          .filter(([field]) => http?.path.includes(`:${field}`))
          .map(([field, value]) => [field, encodeURIComponent(String(value))] as const),
      ),
    )
    inPaths.set('id', 'x')
    // biome-ignore lint/suspicious/noExplicitAny: a part of the OpenAPI document
    const addresses = Object.entries<Record<string, any>>(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { requestBody }]) => {
        const named = path.replace(/\{(\w+)\}/g, (_, field: string) => inPaths.get(field) ?? 'x')
        return [method.toUpperCase(), named, requestBody?.content['application/json']?.example] as const
      }),
    )
    expect(addresses.length).toBeGreaterThan(20)
    const bodies: Record<string, object> = {
      'POST /send': { to: '5511999887766', message: 'x' },
      'POST /pairing-code': { phoneNumber: '5511999887766' },
      'PUT /session': { pacing: null },
      'POST /tokens': { name: 'x', role: 'viewer' },
      'POST /webhooks/x/redeliver': { status: 'dead' },
      'PUT /webhooks/x': { url: 'https://example.org/' },
    }
    for (const [method, path, example] of addresses) {
      const body = bodies[`${method} ${path}`] ?? example
      const answer = await gateway.ask(method, `${path}?Wait=none`, { session: 'x', body })
      expect([method, path, answer.status, answer.body.error]).toEqual([
        method,
        path,
        400,
        expect.stringMatching(/^Invalid request: .*unknown query field 'Wait'/),
      ])
    }
    expect((await gateway.post('/send/bulk?sendat=2027-01-01T00:00:00Z', 'x', '[]')).body.error).toBe(
      "Invalid request: unknown query field 'sendat'.",
    )
    expect((await gateway.get('/messages?reference=%FF', 'x')).body.error).toBe(
      'Invalid request: the query is not percent-encoded UTF-8.',
    )
  })

  test('names of unknown fields, and the number of faults that are told, are short', async ({ gateway }) => {
    const long = 'k'.repeat(1_000_000)
    expect((await gateway.send('x', { [long]: 1 })).body.error).toBe(
      `Invalid request: unknown field '${'k'.repeat(64)}'.`,
    )
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`${i}`.padStart(5, 'f'), 1]))
    expect((await gateway.send('x', many)).body.error).toMatch(/^.{1,300}; 995 more\.$/)
  })

  test('a message that is too long is refused with the limit, and never repeated in the answer', async ({
    gateway,
  }) => {
    const answer = await gateway.send('x', { message: 'z'.repeat(1_000_000) })
    expect(answer.status).toBe(400)
    expect(answer.body.error).toContain('message: must have at most 65536 characters')
    expect(JSON.stringify(answer.body)).not.toContain('zzz')
    expect(await gateway.send('x', { message: 'z'.repeat(2_000_000) })).toMatchObject({
      status: 413,
      body: { code: 'payload_too_large' },
    })
  })

  test('says of a field that is missing that it is required, and of a wrong one what it must be', async ({
    gateway,
  }) => {
    expect((await gateway.post('/send', 'x', {})).body.error).toBe(
      'Invalid request: to: is required; message: is required.',
    )
    expect((await gateway.post('/send', 'x', '')).body.error).toBe('Invalid request: the body: is required.')
    expect((await gateway.ask('PUT', '/session', { session: 'x', body: { pacing: 7 } })).body.error).toBe(
      'Invalid request: pacing: must be an object.',
    )
    expect((await gateway.get('/messages?status=lost', 'x')).body.error).toMatch(
      /^Invalid request: status: must be queued or sending or /,
    )
  })

  test.for([
    [{ to: 'nobody' }, 'to'],
    [{ message: '' }, 'message'],
    [{ message: 7 }, 'message'],
    [{ to: 5511999887766 }, 'to'],
  ] as const)('names the field that is wrong: %j', async ([body, field], { gateway }) => {
    const answer = await gateway.send('x', body)
    expect(answer.status).toBe(400)
    expect(answer.body.error).toContain(`${field}: `)
  })

  test.for([
    '/qr?wait=26',
    '/qr?wait=x',
    '/qr?wait=-1',
    '/sessions?limit=0',
    '/sessions?limit=501',
    '/sessions?cursor=x',
    '/sessions?after=1_x',
    '/status?live=1',
  ])('refuses %s', async (url, { gateway }) => {
    expect((await gateway.get(url, 'x')).status).toBe(400)
  })
})

test('nothing was written for requests that were refused', () => {
  expect(written).toEqual([])
})
