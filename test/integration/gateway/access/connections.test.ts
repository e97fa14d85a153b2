import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../../support/redis.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { GatewayUnderTest } from '../gateway-under-test.ts'

const BODY_BYTES = 1_490_000
const CAP = 30

let redis: RedisServer
let gateway: GatewayUnderTest
let port: number

beforeAll(async () => {
  redis = await startRedis()
  gateway = await GatewayUnderTest.start(redis.url, { MAX_CONNECTIONS: String(CAP) })
  const { app } = gateway.gateway
  await app.listen({ host: '127.0.0.1', port: 0 })
  port = (app.server.address() as AddressInfo).port
})

afterAll(async () => {
  await gateway.close()
  await redis.stop()
})

const connected = () =>
  promisify(gateway.gateway.app.server.getConnections.bind(gateway.gateway.app.server))()

/**
 * Sends text as it is, once more where this process stood still for so long that the connection was cut before its answer was read.
 * @returns what comes back until the gateway ends the connection
 */
async function exchange(text: string): Promise<string> {
  return await waitFor('an answer', async () => {
    const socket = connect(port, '127.0.0.1')
    const ended = untilEnd(socket)
    socket.write(text)
    const answer = await ended
    socket.destroy()
    return answer
  })
}

async function untilEnd(socket: Socket): Promise<string> {
  let answer = ''
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => {
    answer += text
  })
  socket.on('error', () => {})
  await Promise.race([once(socket, 'end'), once(socket, 'close')])
  return answer
}

const head = (line: string, headers: Record<string, string | number> = {}) =>
  [
    `${line} HTTP/1.1`,
    'Host: x',
    ...Object.entries({
      'content-type': 'application/json',
      'content-length': BODY_BYTES,
      ...headers,
    }).map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n')

const TOKEN = { authorization: 'Bearer token-of-the-tests' }

describe('a refusal comes before the body, and ends the connection', () => {
  test.each([
    ['an address that does not exist', head('POST /nope'), 404, 'not_found'],
    ['a method that it does not take', head('DELETE /send'), 405, 'method_not_allowed'],
    ['no token', head('POST /send'), 401, 'unauthorized'],
    ['no token for many messages', head('POST /send/bulk'), 401, 'unauthorized'],
    ['no session', head('POST /send', TOKEN), 400, 'missing_session_id'],
    ['a wrong session', head('POST /send', { ...TOKEN, 'x-session-id': 'a/b' }), 400, 'invalid_session_id'],
    [
      'another type',
      head('POST /send', { ...TOKEN, 'x-session-id': 'x', 'content-type': 'text/plain' }),
      415,
      'unsupported_media_type',
    ],
    [
      'too many bytes',
      head('POST /send', { ...TOKEN, 'x-session-id': 'x', 'content-length': 1_500_001 }),
      413,
      'payload_too_large',
    ],
  ])('%s', async (_what, text, status, code) => {
    const answer = await exchange(`${text}${'x'.repeat(100_000)}`)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toMatch(/^connection: close\r$/im)
    expect(answer).toContain(`"code":"${code}"`)
  })

  test('a caller that sends on although it was refused is cut off', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(head('POST /nope'))
    await once(socket, 'data')
    const trickle = setInterval(() => socket.write(' '), 20)
    try {
      await waitFor('it to be cut off', () => socket.destroyed)
    } finally {
      clearInterval(trickle)
    }
  })

  test('a caller that sends its whole body before it reads gets the answer all the same', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/send`, {
      method: 'POST',
      body: 'x'.repeat(5_000_000),
      headers: { 'content-type': 'application/json' },
    })
    expect([answer.status, (await answer.json()).code]).toEqual([401, 'unauthorized'])
  })

  test('a small request that is refused keeps its connection', async () => {
    const socket = connect(port, '127.0.0.1').setEncoding('utf8')
    for (let n = 0; n < 2; n += 1) {
      socket.write(`${head('POST /send', { 'content-length': 2 })}{}`)
      const [answer] = (await once(socket, 'data')) as [string]
      expect(answer).toMatch(/^HTTP\/1.1 401 /)
      expect(answer).not.toMatch(/^connection: close\r$/im)
    }
    socket.destroy()
  })

  test('who asks whether to send its body is refused without sending it', async () => {
    const asked = request({
      port,
      path: '/send',
      method: 'POST',
      headers: { expect: '100-continue', 'content-length': BODY_BYTES, 'content-type': 'application/json' },
    })
    let isContinued = false
    asked.on('continue', () => {
      isContinued = true
    })
    asked.flushHeaders()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    expect([response.statusCode, isContinued]).toEqual([401, false])
    asked.on('error', () => {})
    asked.destroy()
  })

  test('and is asked to send it where it may', async () => {
    const body = JSON.stringify({ to: '5511999887766', message: 'x' })
    const asked = request({
      port,
      path: '/send',
      method: 'POST',
      headers: {
        ...TOKEN,
        'x-session-id': 'x',
        expect: '100-continue',
        'content-length': body.length,
        'content-type': 'application/json',
      },
    })
    asked.flushHeaders()
    await once(asked, 'continue')
    asked.end(body)
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    expect(response.resume().statusCode).toBe(404)
  })
})

test('what cannot be read as HTTP is a problem like any other', async () => {
  for (const [text, status, code] of [
    ['nonsense\r\n\r\n', 400, 'invalid_request'],
    [`GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ] as const) {
    const answer = await exchange(text)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toContain('application/problem+json')
    expect(answer).toContain(`"code":"${code}"`)
  }
})

test('more connections than the cap are closed at once, and those within it go on', async () => {
  await waitFor('the connections of other tests to be gone', async () => (await connected()) === 0)
  const within = Array.from({ length: CAP }, () => connect(port, '127.0.0.1'))
  await waitFor('all of them', async () => (await connected()) === CAP)
  const beyond = connect(port, '127.0.0.1')
  beyond.on('error', () => {})
  await once(beyond, 'close')
  const [first] = within as [Socket]
  first.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n')
  expect(String((await once(first, 'data'))[0])).toMatch(/^HTTP\/1.1 200 /)
  for (const socket of within) socket.destroy()
})

test('no connection is without a limit: the head, the silence, the time between two requests', () => {
  const { headersTimeout, timeout, keepAliveTimeout } = gateway.gateway.app.server
  expect({ headersTimeout, timeout, keepAliveTimeout }).toEqual({
    headersTimeout: 20_000,
    timeout: 150_000,
    keepAliveTimeout: 72_000,
  })
})
