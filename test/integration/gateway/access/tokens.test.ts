import { keys } from '@wsg/shared/redis/keys.ts'
import { expect } from 'vitest'
import { waitFor } from '../../../support/wait-for.ts'
import { gatewayTest as test } from '../gateway-test.ts'
import type { Answer, Asking, GatewayUnderTest } from '../gateway-under-test.ts'

const issue = (gateway: GatewayUnderTest, body: object, asking: Asking = {}): Promise<Answer> =>
  gateway.ask('POST', '/tokens', { body, ...asking })

test('a token counts at once on every gateway, is shown once, and no longer counts once it is revoked', async ({
  gateway,
  other,
  redis,
}) => {
  const { status, body } = await issue(gateway, { name: 'crm', role: 'viewer' })
  expect(status).toBe(201)
  const { id, token } = body
  expect(body).toMatchObject({ name: 'crm', role: 'viewer', createdBy: 'API_TOKEN', lastUsedAt: null })
  for (const one of [gateway, other]) expect((await one.ask('GET', '/health', { token })).status).toBe(200)
  const list = await waitFor('its use to be noted', async () => {
    const answer = await other.get('/tokens')
    return answer.body.items[0].lastUsedAt !== null && answer
  })
  expect(list.body.items).toMatchObject([{ id, name: 'crm', role: 'viewer' }])
  expect(list.raw.toString()).not.toContain(token)
  expect(JSON.stringify(await redis.hgetall(keys.tokens))).not.toContain(token)

  expect((await other.ask('DELETE', `/tokens/${id}`)).status).toBe(200)
  for (const one of [gateway, other])
    await waitFor(
      'the end of the token',
      async () => (await one.ask('GET', '/health', { token })).status === 401,
    )
  expect((await gateway.ask('DELETE', `/tokens/${id}`)).body).toMatchObject({ code: 'token_not_found' })
})

test('a token ends when it says, and what makes no sense is refused by name', async ({ gateway }) => {
  const soon = new Date(Date.now() + 2_500).toISOString()
  const { token } = (await issue(gateway, { name: 'guest', role: 'viewer', expiresAt: soon })).body
  expect((await gateway.ask('GET', '/health', { token })).status).toBe(200)
  await waitFor('its end', async () => (await gateway.ask('GET', '/health', { token })).status === 401)
  for (const [body, said] of [
    [{ role: 'viewer' }, 'name'],
    [{ name: 'x', role: 'root' }, 'role'],
    [{ name: 'x', role: 'viewer', sessions: ['a.b'] }, 'sessions.0'],
    [{ name: 'x', role: 'viewer', sessions: [] }, 'sessions'],
    [{ name: 'x', role: 'viewer', expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt: must be in the future'],
    [{ name: 'x', role: 'viewer', perMinute: 0 }, 'perMinute'],
    [{ name: 'x', role: 'viewer', scope: 'all' }, 'scope'],
  ] as const) {
    const answer = await issue(gateway, body)
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request'])
    expect(answer.body.detail).toContain(said)
  }
})

test('a pattern is for the sessions that it fits, those that come later too; such a token issues none', async ({
  gateway,
  ready,
}) => {
  const sessions = ['sales-*']
  const { token } = (await issue(gateway, { name: 'sales', role: 'admin', sessions })).body
  expect((await gateway.ask('GET', '/tokens/self', { token })).body).toEqual({
    ...{ name: 'sales', role: 'admin', sessions },
  })
  expect((await gateway.get('/tokens/self')).body).toEqual({
    ...{ name: 'API_TOKEN', role: 'admin', sessions: null },
  })
  await ready('sales-de')
  await ready('shop')
  const seen = await gateway.ask('GET', '/sessions', { token })
  expect(seen.body.items.map(({ sessionId }: { sessionId: string }) => sessionId)).toEqual(['sales-de'])
  expect((await gateway.ask('GET', '/health', { token })).body.sessions).toMatchObject({ total: 1, ready: 1 })
  expect((await gateway.ask('GET', '/status', { token, session: 'sales-de' })).status).toBe(200)
  expect((await gateway.ask('GET', '/status', { token, session: 'shop' })).body.code).toBe(
    'session_forbidden',
  )
  for (const method of ['GET', 'POST'] as const) {
    const answer = await gateway.ask(method, '/tokens', {
      token,
      ...(method === 'POST' && { body: { name: 'x', role: 'admin' } }),
    })
    expect(answer.body.code).toBe('forbidden')
  }
})

test('an operator runs sessions, and sets up and deletes nothing', async ({ gateway, ready }) => {
  const { token } = (await issue(gateway, { name: 'night', role: 'operator' })).body
  await ready('shop')
  const ask = (method: string, url: string, body?: object) =>
    gateway.ask(method, url, { token, session: 'shop', ...(body && { body }) })
  expect((await ask('POST', '/queue/pause')).status).toBe(200)
  expect((await ask('POST', '/session/start')).status).toBe(200)
  for (const [method, url, body] of [
    ['DELETE', '/session', undefined],
    ['PUT', '/session', {}],
    ['PUT', '/webhooks/crm', { url: 'https://example.com' }],
    ['GET', '/audit', undefined],
  ] as const)
    expect((await ask(method, url, body)).body.code).toBe('forbidden')
})

test('a token makes no more requests in a minute than it may, whichever gateway it asks', async ({
  gateway,
  other,
}) => {
  const { token } = (await issue(gateway, { name: 'poller', role: 'viewer', perMinute: 3 })).body
  const left: unknown[] = []
  for (const one of [gateway, other, gateway]) {
    const { status, headers } = await one.ask('GET', '/health', { token })
    expect([status, Number(headers['ratelimit-limit'])]).toEqual([200, 3])
    expect(Number(headers['ratelimit-reset'])).toBeGreaterThan(50)
    left.push(Number(headers['ratelimit-remaining']))
  }
  expect(left).toEqual([2, 1, 0])
  const refused = await other.ask('GET', '/health', { token })
  expect([refused.status, refused.body.code, refused.body.retryable]).toEqual([429, 'rate_limited', true])
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50)
  expect((await gateway.get('/health')).headers).not.toHaveProperty('ratelimit-limit')
  const namesake = (await issue(gateway, { name: 'poller', role: 'viewer', perMinute: 3 })).body.token
  expect((await gateway.ask('GET', '/health', { token: namesake })).status).toBe(200)
})

test('whoever guesses tokens is slowed down, and a right one passes', async ({ gateway }) => {
  const guess = () => gateway.ask('GET', '/health', { token: `guess-${Math.random()}` })
  const first = await Promise.all(Array.from({ length: 60 }, guess))
  expect(first.every(({ status }) => status === 401)).toBe(true)
  const begun = performance.now()
  const late = await guess()
  expect(performance.now() - begun).toBeGreaterThan(990)
  expect([late.status, late.body.code]).toEqual([429, 'too_many_wrong_tokens'])
  expect(Number(late.headers['retry-after'])).toBeGreaterThan(0)
  expect((await gateway.get('/health')).status).toBe(200)
})

test('what was changed is written down with who changed it, and what was only read or sent is not', async ({
  gateway,
  ready,
}) => {
  const { token } = (await issue(gateway, { name: 'boss', role: 'admin' })).body
  await ready('shop')
  await ready('caf')
  const ask = (method: string, url: string, session: string, body?: object) =>
    gateway.ask(method, url, {
      token,
      session,
      ...(body && { body }),
      headers: { 'x-request-id': 'of-the-test' },
    })
  await ask('POST', '/queue/pause', 'shop')
  await ask('POST', '/send?wait=none', 'shop', { to: '5511999887766', message: 'not in the trail' })
  await ask('GET', '/status', 'shop')
  await ask('PUT', '/webhooks/crm', 'caf', { url: 'https://example.com/hook' })
  await ask('PUT', '/webhooks/crm', 'caf', { url: 'no address' })
  const { body, raw } = await gateway.get('/audit')
  expect(body).toMatchObject({
    items: [
      { by: 'boss', request: 'PUT /webhooks/:name', named: { name: 'crm' }, sessionId: 'caf', status: 200 },
      { by: 'boss', request: 'POST /queue/pause', named: {}, sessionId: 'shop', requestId: 'of-the-test' },
      { by: 'API_TOKEN', request: 'POST /tokens', status: 201 },
    ],
    nextCursor: null,
  })
  expect(raw.toString()).not.toMatch(/not in the trail|5511999887766|example\.com/)
  expect((await ask('GET', '/audit', 'shop')).body.items).toMatchObject([{ request: 'POST /queue/pause' }])
  const found = await gateway.get('/audit?search=QUEUE/pause')
  expect(found.body.items).toMatchObject([{ request: 'POST /queue/pause' }])
  const page = await gateway.get('/audit?limit=1')
  expect(page.body.items).toHaveLength(1)
  const next = await gateway.get(`/audit?limit=2&cursor=${page.body.nextCursor}`)
  expect(next.body.items).toEqual(body.items.slice(1))
})
